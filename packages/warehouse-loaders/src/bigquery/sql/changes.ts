import { isChild, lakeColumns, PARENT_ID, ROW_HASH, type TableSpec } from "@spacex-etl/contracts";
import type { PlannedCollection, PlannedTable } from "../../loader/load-plan.ts";
import { DELETED_AT, LOADED_AT, RUN_ID } from "../../planning/raw-tables.ts";
import { isProtected } from "./check-stages.ts";
import { changesTable, identifier, literal, LOAD_TIME, type RawDataset, tableName } from "./names.ts";

const [runId, loadedAt, deletedAt] = [RUN_ID, LOADED_AT, DELETED_AT].map(identifier) as [
  string,
  string,
  string,
];
const WRITTEN = "action IN ('insert', 'update', 'undelete')";

/** Inserts the whole stage into an empty table. */
export function insertAll(raw: RawDataset, spec: TableSpec, stage: string, run: string): string {
  const names = lakeColumns(spec).map((column) => identifier(column.name));
  return [
    `INSERT INTO ${tableName(raw, spec.name)} (${[...names, runId, loadedAt].join(", ")})`,
    `SELECT ${names.join(", ")}, ${literal(run)}, ${LOAD_TIME}`,
    `FROM ${tableName(raw, stage)}`,
  ].join("\n");
}

/**
 * Finds the parents that differ, by key and hash alone. One row per key; `action` is insert, update, undelete, delete, or
 * `kept` for a live row that is protected from deletion.
 */
export function createChanges(raw: RawDataset, collection: PlannedCollection, stage: string): string {
  const parent = collection.tables[0]!;
  const key = identifier(parent.source.spec.parentKey.name);
  const hash = identifier(ROW_HASH);
  const differs = collection.rebuild
    ? "TRUE"
    : `t.${deletedAt} IS NOT NULL OR t.${hash} IS NULL OR t.${hash} <> s.${hash}`;
  return [
    `CREATE TEMP TABLE ${changesTable(collection)} AS`,
    "SELECT COALESCE(s.change_key, t.change_key) AS change_key, MIN(CASE",
    "  WHEN t.change_key IS NULL THEN 'insert'",
    `  WHEN s.change_key IS NULL THEN CASE WHEN ${isProtected(collection, "t.change_key")} THEN 'kept' ELSE 'delete' END`,
    `  WHEN t.${deletedAt} IS NOT NULL THEN 'undelete'`,
    "  ELSE 'update' END) AS action",
    `FROM (SELECT ${key} AS change_key, ${hash} FROM ${tableName(raw, stage)}) AS s`,
    `FULL JOIN (SELECT ${key} AS change_key, ${hash}, ${deletedAt} FROM ${tableName(raw, parent.table)}) AS t ON s.change_key = t.change_key`,
    "WHERE t.change_key IS NULL",
    `  OR (s.change_key IS NULL AND t.${deletedAt} IS NULL)`,
    `  OR (s.change_key IS NOT NULL AND (${differs}))`,
    // One row per key even where something else doubled it in the warehouse.
    "GROUP BY 1",
  ].join("\n");
}

/** In a rebuild a key may be in the table more than once: what is written again is taken out first. */
export function deleteOldVersions(raw: RawDataset, collection: PlannedCollection): string {
  const parent = collection.tables[0]!;
  return `DELETE FROM ${tableName(raw, parent.table)} WHERE ${identifier(parent.source.spec.parentKey.name)} IN (SELECT change_key FROM ${changesTable(collection)} WHERE ${WRITTEN})`;
}

/** Inserts, updates and soft-deletes the parents in one statement. */
export function mergeParents(
  raw: RawDataset,
  collection: PlannedCollection,
  stage: string,
  run: string,
): string {
  const parent = collection.tables[0]!;
  const { spec } = parent.source;
  const key = identifier(spec.parentKey.name);
  const columns = lakeColumns(spec).map((column) => identifier(column.name));
  const head = [`${runId} = ${literal(run)}`, `${loadedAt} = ${LOAD_TIME}`];
  const update = [
    ...columns.filter((column) => column !== key).map((column) => `${column} = s.${column}`),
    ...parent.goneColumns.map((column) => `${identifier(column)} = NULL`),
    ...head,
    `${deletedAt} = NULL`,
  ];
  return [
    `MERGE INTO ${tableName(raw, parent.table)} AS t`,
    "USING (",
    `  SELECT c.action AS _action, c.change_key AS _key, ${columns.map((column) => `s.${column}`).join(", ")}`,
    `  FROM ${changesTable(collection)} AS c`,
    `  LEFT JOIN ${tableName(raw, stage)} AS s ON s.${key} = c.change_key`,
    "  WHERE c.action <> 'kept'",
    ") AS s",
    `ON t.${key} = s._key`,
    "WHEN MATCHED AND s._action = 'delete' THEN",
    `  UPDATE SET ${[...head, `${deletedAt} = ${LOAD_TIME}`].join(", ")}`,
    "WHEN MATCHED THEN",
    `  UPDATE SET ${update.join(", ")}`,
    "WHEN NOT MATCHED THEN",
    `  INSERT (${[...columns, runId, loadedAt].join(", ")})`,
    `  VALUES (${[...columns.map((column) => `s.${column}`), literal(run), LOAD_TIME].join(", ")})`,
  ].join("\n");
}

export function deleteChildren(raw: RawDataset, collection: PlannedCollection, child: PlannedTable): string {
  return `DELETE FROM ${tableName(raw, child.table)} WHERE ${ofChangedParents(collection, identifier(PARENT_ID))}`;
}

export function insertChildren(
  raw: RawDataset,
  collection: PlannedCollection,
  child: PlannedTable,
  stage: string,
  run: string,
): string {
  return `${insertAll(raw, child.source.spec, stage, run)}\nWHERE ${ofWrittenParents(collection, identifier(PARENT_ID))}`;
}

/** Children that go: of parents that differ. */
export function ofChangedParents(collection: PlannedCollection, parentId: string): string {
  // A rebuild also clears children whose parent nobody knows.
  return collection.rebuild
    ? `${parentId} NOT IN (SELECT change_key FROM ${changesTable(collection)} WHERE action = 'kept')`
    : `${parentId} IN (SELECT change_key FROM ${changesTable(collection)} WHERE action <> 'kept')`;
}

/** Children that come. */
export function ofWrittenParents(collection: PlannedCollection, parentId: string): string {
  return `${parentId} IN (SELECT change_key FROM ${changesTable(collection)} WHERE ${WRITTEN})`;
}

/** Whether live rows may stay that the run does not bring. */
export function keepsRows({ outcome, fresh, quarantinedKeys }: PlannedCollection): boolean {
  return outcome === "load" && !fresh && quarantinedKeys?.length !== 0;
}

/** Rows of a table that are not deleted, as a condition. */
export function isLive(spec: TableSpec): string {
  return isChild(spec) ? "TRUE" : `${deletedAt} IS NULL`;
}
