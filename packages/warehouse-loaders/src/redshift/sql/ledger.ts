import type { PlannedCollection } from "../../loader/load-plan.ts";
import type { LoadRequest } from "../../loader/load-request.ts";
import type { TransformEntry } from "../../loader/loader.ts";
import { DELETED_AT, LEDGER, REGISTRY, TRANSFORMS } from "../../planning/index.ts";
import { LOCK } from "./bookkeeping.ts";
import type { Stamp } from "./changes.ts";
import { identifier, isoTimestamp, literal, rawTable, timestampLiteral } from "./names.ts";
import { MAX_VARCHAR_BYTES } from "./types.ts";

/** Waits for other loads, and makes others wait until the transaction ends. */
export function lock(schema: string): string {
  return `LOCK TABLE ${rawTable(schema, LOCK.name)}`;
}

/**
 * One row, `holds`: no other load was committed since the plan was made, this run was not, and the load's time, which
 * stands in the statements, is later than any before.
 */
export function assertLedger({ schema, loadedAt }: Stamp, runId: string, loads: number): string {
  return [
    `SELECT count(*) = ${loads}`,
    `  AND count(CASE WHEN run_id = ${literal(runId)} THEN 1 END) = 0`,
    `  AND coalesce(max(loaded_at) < ${timestampLiteral(loadedAt)}, true) AS holds`,
    `FROM ${rawTable(schema, LEDGER.name)}`,
  ].join("\n");
}

export function unregister(schema: string, tables: readonly string[]): string {
  return `DELETE FROM ${rawTable(schema, REGISTRY.name)} WHERE table_name IN (${tables.map(literal).join(", ")})`;
}

export function register(
  { schema, loadedAt }: Stamp,
  request: LoadRequest,
  collections: readonly PlannedCollection[],
): string {
  const rows = collections.flatMap((collection) =>
    collection.tables.map(({ table, child, source, rows }) => {
      const live = child ? "" : ` WHERE ${identifier(DELETED_AT)} IS NULL`;
      // What was filled from nothing has been counted by now, and held against the plan.
      const [count, from] = collection.fresh
        ? [`CAST(${rows} AS BIGINT)`, ""]
        : ["count(*)", ` FROM ${rawTable(schema, table)}${live}`];
      const values = [
        varchar(table),
        varchar(collection.name),
        varchar(request.source),
        `CAST(${source.spec.schemaVersion} AS BIGINT)`,
        varchar(collection.schemaFingerprint),
        varchar(source.contentSha256),
        count,
        timestampLiteral(collection.extractedAt),
        varchar(request.runId),
        timestampLiteral(loadedAt),
      ];
      return `SELECT ${values.join(", ")}${from}`;
    }),
  );
  const columns = REGISTRY.columns.map(({ name }) => name).join(", ");
  return `INSERT INTO ${rawTable(schema, REGISTRY.name)} (${columns})\n${rows.join("\nUNION ALL ")}`;
}

/** A text of one type in all branches of a UNION, and wide enough that nothing is cut. */
function varchar(text: string): string {
  return `CAST(${literal(text)} AS VARCHAR(${MAX_VARCHAR_BYTES}))`;
}

/** With two parameters, which are only known at the end: whether anything changed, and the counts as JSON. */
export function insertLoad({ schema, loadedAt }: Stamp, request: LoadRequest): string {
  const values = [
    literal(request.runId),
    literal(request.source),
    literal(request.manifestSha256),
    timestampLiteral(request.extractedAt),
    timestampLiteral(loadedAt),
    "CAST($1 AS BOOLEAN)",
    "CAST($2 AS VARCHAR(65535))",
  ];
  const columns = LEDGER.columns.map(({ name }) => name).join(", ");
  return `INSERT INTO ${rawTable(schema, LEDGER.name)} (${columns})\nVALUES (${values.join(", ")})`;
}

/** One row: loads, newest_load or null; run_manifest and run_loaded_at of this run or null. */
export function readLedger(schema: string, runId: string): string {
  const mine = (column: string) => `max(CASE WHEN run_id = ${literal(runId)} THEN ${column} END)`;
  return [
    "SELECT count(*) AS loads,",
    `  ${isoTimestamp("max(loaded_at)")} AS newest_load,`,
    `  ${mine("manifest_sha256")} AS run_manifest,`,
    `  ${isoTimestamp(mine("loaded_at"))} AS run_loaded_at`,
    `FROM ${rawTable(schema, LEDGER.name)}`,
  ].join("\n");
}

export function readRegistry(schema: string): string {
  const columns = REGISTRY.columns.map(({ name, type }) =>
    type === "timestamp" ? `${isoTimestamp(name)} AS ${name}` : name,
  );
  return `SELECT ${columns.join(", ")} FROM ${rawTable(schema, REGISTRY.name)} ORDER BY table_name`;
}

/** One row, `changed_at`: time of the newest load that changed something, or null. */
export function readChangedAt(schema: string): string {
  return `SELECT ${isoTimestamp("max(CASE WHEN changed THEN loaded_at END)")} AS changed_at FROM ${rawTable(schema, LEDGER.name)}`;
}

export function readLastTransform(schema: string): string {
  return [
    `SELECT project_sha256, ${isoTimestamp("t.changed_at")} AS changed_at, ${isoTimestamp("t.finished_at")} AS finished_at`,
    `FROM ${rawTable(schema, TRANSFORMS.name)} AS t ORDER BY t.finished_at DESC LIMIT 1`,
  ].join("\n");
}

export function insertTransform(schema: string, entry: TransformEntry): string {
  const changedAt = entry.changedAt === null ? "NULL" : timestampLiteral(entry.changedAt);
  const columns = TRANSFORMS.columns.map(({ name }) => name).join(", ");
  return `INSERT INTO ${rawTable(schema, TRANSFORMS.name)} (${columns}) VALUES (${literal(entry.projectSha256)}, ${literal(entry.runId)}, ${changedAt}, ${timestampLiteral(entry.finishedAt)})`;
}
