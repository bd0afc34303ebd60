import { PARENT_ID } from "@spacex-etl/contracts";
import type { PlannedCollection, PlannedTable } from "../../loader/load-plan.ts";
import { isLive, keepsRows, ofChangedParents, ofWrittenParents } from "./changes.ts";
import {
  changesTable,
  COUNTS,
  identifier,
  literal,
  LIVE,
  MARK,
  type RawDataset,
  tableName,
} from "./names.ts";

/** Report of the load: one row per table. `live`: rows that are not deleted afterwards. Undeleted ones are also inserted. */
const COLUMNS = ["position", "table_name", "live", "inserted", "updated", "undeleted", "deleted"] as const;

export function createCounts(): string {
  const columns = COLUMNS.map((column) => `${column} ${column === "table_name" ? "STRING" : "INT64"}`);
  return `CREATE TEMP TABLE ${COUNTS} (${columns.join(", ")})`;
}

/** Tables of which the plan knows everything: those that are left alone, and those that are filled from nothing. */
export function insertKnownCounts(
  tables: readonly { readonly position: number; readonly table: PlannedTable; readonly filled: boolean }[],
): string {
  const rows = tables.map(({ position, table, filled }) =>
    filled
      ? `(${position}, ${literal(table.table)}, ${table.rows}, ${table.rows}, 0, 0, 0)`
      : `(${position}, ${literal(table.table)}, ${table.liveRows}, 0, 0, 0, 0)`,
  );
  return `INSERT INTO ${COUNTS} (${COLUMNS.join(", ")})\nVALUES ${rows.join(",\n  ")}`;
}

export function countParentChanges(collection: PlannedCollection, position: number): string {
  const parent = collection.tables[0]!;
  return [
    `INSERT INTO ${COUNTS} (${COLUMNS.join(", ")})`,
    `SELECT ${position}, ${literal(parent.table)}, ${parent.rows} + COUNTIF(action = 'kept'), COUNTIF(action IN ('insert', 'undelete')), COUNTIF(action = 'update'), COUNTIF(action = 'undelete'), COUNTIF(action = 'delete')`,
    `FROM ${changesTable(collection)}`,
  ].join("\n");
}

/** Before the children are replaced: one that is written again under its key counts as updated. */
export function countChildChanges(
  raw: RawDataset,
  collection: PlannedCollection,
  child: PlannedTable,
  stage: string,
  position: number,
): string {
  const { key } = child.source.spec;
  const columns = key.map(identifier);
  const parentId = identifier(PARENT_ID);
  const matches = columns.map((column) => `t.${column} = s.${column}`).join(" AND ");
  const kept = keepsRows(collection)
    ? ` + (SELECT COUNT(*) FROM ${tableName(raw, child.table)} WHERE ${parentId} IN (SELECT change_key FROM ${changesTable(collection)} WHERE action = 'kept'))`
    : "";
  return [
    `INSERT INTO ${COUNTS} (${COLUMNS.join(", ")})`,
    `SELECT ${position}, ${literal(child.table)}, ${child.rows}${kept}, COUNTIF(t.copies IS NULL), COUNTIF(t.copies IS NOT NULL AND s.${parentId} IS NOT NULL), 0,`,
    `  IFNULL(SUM(t.copies), 0) - COUNTIF(t.copies IS NOT NULL AND s.${parentId} IS NOT NULL)`,
    `FROM (SELECT ${columns.join(", ")} FROM ${tableName(raw, stage)} WHERE ${ofWrittenParents(collection, parentId)}) AS s`,
    `FULL JOIN (SELECT ${columns.join(", ")}, COUNT(*) AS copies FROM ${tableName(raw, child.table)} WHERE ${ofChangedParents(collection, parentId)} GROUP BY ${columns.join(", ")}) AS t ON ${matches}`,
  ].join("\n");
}

/** What the written tables hold now: table_name, live. */
export function createLive(raw: RawDataset, tables: readonly PlannedTable[]): string {
  return [
    `CREATE TEMP TABLE ${LIVE} AS`,
    tables
      .map(
        ({ table, source }) =>
          `SELECT ${literal(table)} AS table_name, COUNT(*) AS live FROM ${tableName(raw, table)} WHERE ${isLive(source.spec)}`,
      )
      .join("\nUNION ALL\n"),
  ].join("\n");
}

/** Fails with the first table, its rows and what they should be. */
export function assertLive(): string {
  const wrong = `FROM ${LIVE} AS l JOIN ${COUNTS} AS c ON c.table_name = l.table_name WHERE l.live <> c.live`;
  return [
    `IF EXISTS (SELECT 1 ${wrong}) THEN`,
    `  RAISE USING MESSAGE = (SELECT MIN(FORMAT('${MARK}ROWS_AFTER_LOAD %s %d %d;', l.table_name, l.live, c.live)) ${wrong});`,
    "END IF",
  ].join("\n");
}

/** The report as the JSON of the ledger: table → counts. */
export const COUNTS_JSON: string = [
  "'{' || IFNULL(STRING_AGG(FORMAT(",
  `'"%s":{"rows":%d,"inserted":%d,"updated":%d,"undeleted":%d,"deleted":%d,"unchanged":%d}', `,
  "table_name, live, inserted, updated, undeleted, deleted, live - inserted - updated",
  "), ',' ORDER BY position), '') || '}'",
].join("");
