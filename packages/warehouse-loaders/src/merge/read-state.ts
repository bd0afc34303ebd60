import {
  type BookkeepingTable,
  DELETED_AT,
  EMPTY_WAREHOUSE,
  LEDGER,
  REGISTRY,
  type WarehouseColumn,
  type WarehouseState,
  type WarehouseTable,
} from "../planning/index.ts";
import type { LoadRequest } from "../loader/load-request.ts";
import { isChild } from "@spacex-etl/contracts";
import type { MergeSql } from "./merge-sql.ts";
import { count, type Row, type Session, text } from "./session.ts";

/** A warehouse's state, and what only some engines need. */
export interface ReadState extends WarehouseState {
  /** Time of the newest load, where the engine's `readLedger` asks for it: ISO 8601 in UTC to the microsecond. */
  readonly newestLoad: string | null;
}

/**
 * Reads what a decision needs: the ledger, the registry, and columns and counts of the request's tables. The ledger comes
 * before the rows, so that a load that is committed meanwhile is noticed in the transaction.
 */
export async function readState(
  session: Session,
  sql: Pick<MergeSql, "bookkeeping" | "readCatalog" | "countRows" | "readLedger" | "readRegistry">,
  request: LoadRequest,
): Promise<ReadState> {
  const specs = request.collections.flatMap((collection) => collection.tables.map((table) => table.spec));
  const own = sql.bookkeeping.map(({ name }) => name);
  const relations = relationsOf(
    await session.rows(sql.readCatalog([...own, ...specs.map((spec) => spec.name)])),
  );
  if (relations.size === 0) return { ...EMPTY_WAREHOUSE, newestLoad: null };
  // A table of ours without its columns is for the decision to refuse, not for a query to fail on.
  const readable = (table: BookkeepingTable) => {
    const columns = new Set(relations.get(table.name)?.columns.map((column) => column.name));
    return table.columns.every((column) => columns.has(column.name));
  };
  const [ledger] = readable(LEDGER) ? await session.rows(sql.readLedger(request.runId)) : [undefined];
  const children = new Set(specs.filter(isChild).map((spec) => spec.name));
  const counted = specs.flatMap(({ name }) => relations.get(name) ?? []).filter(({ writable }) => writable);
  const counts = new Map(
    counted.length === 0
      ? []
      : (
          await session.rows(
            sql.countRows(
              counted.map(({ name, columns }) => ({
                name,
                softDeletes: !children.has(name) && columns.some((column) => column.name === DELETED_AT),
              })),
            ),
          )
        ).map((row) => [text(row, "table_name"), row]),
  );
  const manifestSha256 = text(ledger, "run_manifest");
  return {
    newestLoad: text(ledger, "newest_load"),
    loads: ledger === undefined ? 0 : count(ledger, "loads"),
    thisRun:
      manifestSha256 === null ? null : { manifestSha256, loadedAt: text(ledger, "run_loaded_at") ?? "" },
    registry: readable(REGISTRY)
      ? (await session.rows(sql.readRegistry())).map((row) => ({
          table: String(row["table_name"]),
          collection: String(row["collection"]),
          source: String(row["source"]),
          schemaVersion: count(row, "schema_version"),
          schemaFingerprint: String(row["schema_fingerprint"]),
          contentSha256: String(row["content_sha256"]),
          rows: count(row, "row_count"),
          extractedAt: String(row["extracted_at"]),
        }))
      : [],
    tables: [...relations.values()].map((relation) => {
      const row = counts.get(relation.name);
      return {
        ...relation,
        rows: row === undefined ? 0 : count(row, "rows"),
        liveRows: row === undefined ? 0 : count(row, "live_rows"),
      };
    }),
  };
}

function relationsOf(
  rows: readonly Row[],
): Map<string, Omit<WarehouseTable, "rows" | "liveRows" | "columns"> & { columns: WarehouseColumn[] }> {
  const relations = new Map<string, { name: string; writable: boolean; columns: WarehouseColumn[] }>();
  for (const row of rows) {
    const name = String(row["table_name"]);
    const relation = relations.get(name.toLowerCase()) ?? {
      name,
      writable: row["table_type"] === "BASE TABLE",
      columns: [],
    };
    relations.set(name.toLowerCase(), relation);
    relation.columns.push({
      name: String(row["column_name"]),
      type: String(row["data_type"]),
      nullable: row["nullable"] === true,
    });
  }
  return relations;
}
