import { lakeColumns, PARENT_ID, ROW_HASH, type TableSpec } from "@spacex-etl/contracts";
import type { PlannedCollection, PlannedTable } from "../../loader/load-plan.ts";
import { DELETED_AT, LOADED_AT, RUN_ID } from "../../planning/raw-tables.ts";
import {
  changesTable,
  identifier,
  literal,
  LOAD_TIME,
  type RawSchema,
  rawTable,
  stageView,
} from "./names.ts";
import { FILE, FILE_ROW } from "./stage.ts";

/** Inserts the whole stage into an empty table. */
export function insertAll(raw: RawSchema, table: PlannedTable, runId: string, ordered: boolean): string {
  // Without ORDER BY the order of the files is kept, unless the session gave that up.
  return `${insertInto(raw, table.source.spec, runId)}${ordered ? `\nORDER BY ${FILE}, ${FILE_ROW}` : ""}`;
}

/**
 * Finds the parents that differ, by key and hash alone. One row per key: `target` is the row's id in the warehouse,
 * `action` is insert, update, undelete, delete, or `kept` for a live row that is protected from deletion.
 */
export function createChanges(raw: RawSchema, collection: PlannedCollection): string {
  const parent = collection.tables[0]!;
  const key = identifier(parent.source.spec.parentKey.name);
  const hash = identifier(ROW_HASH);
  const deleted = identifier(DELETED_AT);
  const differs = collection.rebuild
    ? "true"
    : `t.${deleted} IS NOT NULL OR t.${hash} IS DISTINCT FROM s.${hash}`;
  return [
    `CREATE OR REPLACE TEMP TABLE ${changesTable(collection)} AS`,
    `SELECT coalesce(s.${key}, t.${key}) AS key, t.target, CASE`,
    `  WHEN t.${key} IS NULL THEN 'insert'`,
    `  WHEN s.${key} IS NULL THEN CASE WHEN ${isProtected(collection, `t.${key}`)} THEN 'kept' ELSE 'delete' END`,
    `  WHEN t.${deleted} IS NOT NULL THEN 'undelete'`,
    "  ELSE 'update' END AS action",
    `FROM (SELECT ${key}, ${hash} FROM ${stageView(parent.table)}) AS s`,
    `FULL JOIN (SELECT rowid AS target, ${key}, ${hash}, ${deleted} FROM ${rawTable(raw, parent.table)}) AS t ON s.${key} = t.${key}`,
    `WHERE t.${key} IS NULL`,
    `  OR (s.${key} IS NULL AND t.${deleted} IS NULL)`,
    `  OR (s.${key} IS NOT NULL AND (${differs}))`,
  ].join("\n");
}

function isProtected(collection: PlannedCollection, key: string): string {
  const keys = collection.quarantinedKeys;
  if (keys === null) return "true";
  return keys.length === 0 ? "false" : `CAST(${key} AS VARCHAR) IN (${keys.map(literal).join(", ")})`;
}

/** One row per action: action, keys. */
export function countChanges(collection: PlannedCollection): string {
  return `SELECT action, count(DISTINCT key) AS keys FROM ${changesTable(collection)} GROUP BY action`;
}

export function dropChanges(collection: PlannedCollection): string {
  return `DROP TABLE ${changesTable(collection)}`;
}

/** Takes out the old versions of rows that are written again: cheaper than an update in place of every column. */
export function deleteOldVersions(raw: RawSchema, collection: PlannedCollection): string {
  return `DELETE FROM ${rawTable(raw, collection.tables[0]!.table)} WHERE rowid IN (SELECT target FROM ${changesTable(collection)} WHERE action IN ('update', 'undelete'))`;
}

export function insertNewVersions(raw: RawSchema, collection: PlannedCollection, runId: string): string {
  const { spec } = collection.tables[0]!.source;
  return [
    insertInto(raw, spec, runId),
    `WHERE ${identifier(spec.parentKey.name)} IN (SELECT key FROM ${changesTable(collection)} WHERE action IN ('insert', 'update', 'undelete'))`,
    `ORDER BY ${FILE}, ${FILE_ROW}`,
  ].join("\n");
}

export function softDelete(raw: RawSchema, collection: PlannedCollection, runId: string): string {
  return [
    `UPDATE ${rawTable(raw, collection.tables[0]!.table)}`,
    `SET ${identifier(RUN_ID)} = ${literal(runId)}, ${identifier(LOADED_AT)} = ${LOAD_TIME}, ${identifier(DELETED_AT)} = ${LOAD_TIME}`,
    `WHERE rowid IN (SELECT target FROM ${changesTable(collection)} WHERE action = 'delete')`,
  ].join("\n");
}

/** One row, `rows`: children that are written again under their key. */
export function countRewrittenChildren(
  raw: RawSchema,
  collection: PlannedCollection,
  child: PlannedTable,
): string {
  const key = child.source.spec.key.map((column) => `t.${identifier(column)} = s.${identifier(column)}`);
  return [
    `SELECT count(*) AS rows FROM ${rawTable(raw, child.table)} AS t`,
    // Both sides are cut down first: the join is then as small as the change.
    `SEMI JOIN (SELECT * FROM ${stageView(child.table)} WHERE ${ofChangedParents(collection, identifier(PARENT_ID))}) AS s ON ${key.join(" AND ")}`,
    `WHERE ${ofChangedParents(collection, `t.${identifier(PARENT_ID)}`)}`,
  ].join("\n");
}

/** One row, `rows`: children of parents that are kept though the run does not bring them. */
export function countKeptChildren(
  raw: RawSchema,
  collection: PlannedCollection,
  child: PlannedTable,
): string {
  return `SELECT count(*) AS rows FROM ${rawTable(raw, child.table)} WHERE ${identifier(PARENT_ID)} IN (SELECT key FROM ${changesTable(collection)} WHERE action = 'kept')`;
}

export function deleteChildren(raw: RawSchema, collection: PlannedCollection, child: PlannedTable): string {
  return `DELETE FROM ${rawTable(raw, child.table)} WHERE ${ofChangedParents(collection, identifier(PARENT_ID))}`;
}

export function insertChildren(
  raw: RawSchema,
  collection: PlannedCollection,
  child: PlannedTable,
  runId: string,
): string {
  return [
    insertInto(raw, child.source.spec, runId),
    `WHERE ${identifier(PARENT_ID)} IN (SELECT key FROM ${changesTable(collection)} WHERE action IN ('insert', 'update', 'undelete'))`,
    `ORDER BY ${FILE}, ${FILE_ROW}`,
  ].join("\n");
}

function ofChangedParents(collection: PlannedCollection, parentId: string): string {
  // A rebuild also clears children whose parent nobody knows.
  return collection.rebuild
    ? `${parentId} NOT IN (SELECT key FROM ${changesTable(collection)} WHERE action = 'kept')`
    : `${parentId} IN (SELECT key FROM ${changesTable(collection)} WHERE action <> 'kept')`;
}

function insertInto(raw: RawSchema, spec: TableSpec, runId: string): string {
  const names = lakeColumns(spec).map((column) => identifier(column.name));
  return [
    `INSERT INTO ${rawTable(raw, spec.name)} (${[...names, identifier(RUN_ID), identifier(LOADED_AT)].join(", ")})`,
    `SELECT ${names.join(", ")}, ${literal(runId)}, ${LOAD_TIME}`,
    `FROM ${stageView(spec.name)}`,
  ].join("\n");
}
