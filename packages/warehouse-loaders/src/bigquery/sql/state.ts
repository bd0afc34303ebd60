import { DELETED_AT, LEDGER, REGISTRY, TRANSFORMS } from "../../planning/raw-tables.ts";
import { identifier, literal, type RawDataset, tableName } from "./names.ts";

/** One row per relation and column, of the tables that are there: table_name, table_type, column_name, data_type, is_nullable. */
export function readCatalog(raw: RawDataset, tables: readonly string[]): string {
  return [
    "SELECT t.table_name, t.table_type, c.column_name, c.data_type, c.is_nullable",
    `FROM ${tableName(raw, "INFORMATION_SCHEMA.TABLES")} AS t`,
    `JOIN ${tableName(raw, "INFORMATION_SCHEMA.COLUMNS")} AS c ON c.table_name = t.table_name`,
    `WHERE t.table_name IN (${tables.map(literal).join(", ")})`,
    "ORDER BY t.table_name, c.ordinal_position",
  ].join("\n");
}

export interface StateQuestion {
  readonly counted: readonly { readonly name: string; readonly softDeletes: boolean }[];
  /** The run whose row is looked for; null where there is no ledger. */
  readonly ledgerOf: string | null;
  readonly registry: boolean;
}

/**
 * All that a decision needs, in one query. `kind` says what a row is: `count` (name, n: all rows, live), `ledger` (n: loads;
 * sha256 and moment of the run, if it is there), `registry` (name, n: schema version, live: rows, and all the others).
 */
export function readState(raw: RawDataset, { counted, ledgerOf, registry }: StateQuestion): string {
  const text = "CAST(NULL AS STRING)";
  const never = "CAST(NULL AS TIMESTAMP)";
  const columns = [
    "kind",
    "name",
    "n",
    "live",
    "collection",
    "source",
    "fingerprint",
    "sha256",
    "moment",
  ] as const;
  const select = (values: Readonly<Record<(typeof columns)[number], string>>, from: string) =>
    `SELECT ${columns.map((column) => `${values[column]} AS ${column}`).join(", ")} FROM ${tableName(raw, from)}`;
  const none = { collection: text, source: text, fingerprint: text, sha256: text, moment: never };
  return [
    ...counted.map(({ name, softDeletes }) =>
      select(
        {
          ...none,
          kind: "'count'",
          name: literal(name),
          n: "COUNT(*)",
          live: softDeletes ? `COUNTIF(${identifier(DELETED_AT)} IS NULL)` : "COUNT(*)",
        },
        name,
      ),
    ),
    ...(ledgerOf === null
      ? []
      : [
          select(
            {
              ...none,
              kind: "'ledger'",
              name: text,
              n: "COUNT(*)",
              live: "0",
              sha256: `MAX(IF(run_id = ${literal(ledgerOf)}, manifest_sha256, NULL))`,
              moment: `MAX(IF(run_id = ${literal(ledgerOf)}, loaded_at, NULL))`,
            },
            LEDGER.name,
          ),
        ]),
    ...(registry
      ? [
          select(
            {
              kind: "'registry'",
              name: "table_name",
              n: "schema_version",
              live: "row_count",
              collection: "collection",
              source: "source",
              fingerprint: "schema_fingerprint",
              sha256: "content_sha256",
              moment: "extracted_at",
            },
            REGISTRY.name,
          ),
        ]
      : []),
  ].join("\nUNION ALL\n");
}

/** No or one row: manifest_sha256, loaded_at, counts. */
export function readLoad(raw: RawDataset, runId: string): string {
  return `SELECT manifest_sha256, loaded_at, counts FROM ${tableName(raw, LEDGER.name)} WHERE run_id = ${literal(runId)}`;
}

/** One row, `loads`. */
export function countLoads(raw: RawDataset): string {
  return `SELECT COUNT(*) AS loads FROM ${tableName(raw, LEDGER.name)}`;
}

/** One row, `changed_at`: time of the newest load that changed something, or null. */
export function readChangedAt(raw: RawDataset): string {
  return `SELECT MAX(IF(changed, loaded_at, NULL)) AS changed_at FROM ${tableName(raw, LEDGER.name)}`;
}

export function readLastTransform(raw: RawDataset): string {
  return `SELECT project_sha256, changed_at, finished_at FROM ${tableName(raw, TRANSFORMS.name)} ORDER BY finished_at DESC LIMIT 1`;
}
