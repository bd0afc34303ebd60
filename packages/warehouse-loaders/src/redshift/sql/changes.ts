import { lakeColumns, PARENT_ID, ROW_HASH, type TableSpec } from "@spacex-etl/contracts";
import type { PlannedCollection, PlannedTable } from "../../loader/load-plan.ts";
import { DELETED_AT, LOADED_AT, RUN_ID } from "../../planning/index.ts";
import { changesTable, identifier, literal, rawTable, stageTable, timestampLiteral } from "./names.ts";

/** What every row that a load writes is stamped with. */
export interface Stamp {
  readonly schema: string;
  /** ISO 8601 in UTC to the microsecond. */
  readonly loadedAt: string;
}

/** Inserts the whole stage into an empty table. */
export function insertAll(stamp: Stamp, table: PlannedTable, runId: string): string {
  return insertInto(stamp, table.source.spec, runId);
}

/**
 * Finds the parents that differ, by key and hash alone: `_key`, and `_action`, which is insert, update, undelete, delete,
 * or `kept` for a live row that is protected from deletion.
 */
export function createChanges({ schema }: Stamp, collection: PlannedCollection): string {
  const parent = collection.tables[0]!;
  const key = identifier(parent.source.spec.parentKey.name);
  const hash = identifier(ROW_HASH);
  const deleted = identifier(DELETED_AT);
  const protectedKey = isProtected(collection, `t.${key}`);
  const gone =
    protectedKey === undefined ? "'delete'" : `CASE WHEN ${protectedKey} THEN 'kept' ELSE 'delete' END`;
  const differs = collection.rebuild
    ? []
    : [`(t.${deleted} IS NOT NULL OR t.${hash} <> s.${hash} OR t.${hash} IS NULL OR s.${hash} IS NULL)`];
  return [
    `CREATE TEMP TABLE ${changesOf(collection)} DISTKEY (_key) AS`,
    `SELECT coalesce(s.${key}, t.${key}) AS _key, CAST(CASE`,
    `  WHEN t.${key} IS NULL THEN 'insert'`,
    `  WHEN s.${key} IS NULL THEN ${gone}`,
    `  WHEN t.${deleted} IS NOT NULL THEN 'undelete'`,
    "  ELSE 'update' END AS VARCHAR(8)) AS _action",
    `FROM (SELECT ${key}, ${hash} FROM ${stageTable(parent.table)}) AS s`,
    `FULL JOIN (SELECT ${key}, ${hash}, ${deleted} FROM ${rawTable(schema, parent.table)}) AS t ON s.${key} = t.${key}`,
    `WHERE t.${key} IS NULL`,
    `  OR (s.${key} IS NULL AND t.${deleted} IS NULL)`,
    `  OR (${[`s.${key} IS NOT NULL`, ...differs].join(" AND ")})`,
  ].join("\n");
}

/** Undefined where no row is protected. */
function isProtected({ quarantinedKeys }: PlannedCollection, key: string): string | undefined {
  if (quarantinedKeys === null) return "true";
  // A text with a NUL cannot be in the warehouse.
  const keys = quarantinedKeys.filter((each) => !each.includes("\0"));
  return keys.length === 0
    ? undefined
    : `CAST(${key} AS VARCHAR(65535)) IN (${keys.map(literal).join(", ")})`;
}

/** One row per action: action, keys. */
export function countChanges(collection: PlannedCollection): string {
  return `SELECT _action AS action, count(DISTINCT _key) AS keys FROM ${changesOf(collection)} GROUP BY _action`;
}

export function dropChanges(collection: PlannedCollection): string {
  return `DROP TABLE ${changesOf(collection)}`;
}

/** Takes out the old versions of rows that are written again. */
export function deleteOldVersions({ schema }: Stamp, collection: PlannedCollection): string {
  const { table, source } = collection.tables[0]!;
  return `DELETE FROM ${rawTable(schema, table)} WHERE ${identifier(source.spec.parentKey.name)} IN (${keysOf(collection, "update", "undelete")})`;
}

export function insertNewVersions(stamp: Stamp, collection: PlannedCollection, runId: string): string {
  const { spec } = collection.tables[0]!.source;
  return [
    insertInto(stamp, spec, runId),
    `WHERE ${identifier(spec.parentKey.name)} IN (${keysOf(collection, "insert", "update", "undelete")})`,
  ].join("\n");
}

export function softDelete(
  { schema, loadedAt }: Stamp,
  collection: PlannedCollection,
  runId: string,
): string {
  const { table, source } = collection.tables[0]!;
  const time = timestampLiteral(loadedAt);
  return [
    `UPDATE ${rawTable(schema, table)}`,
    `SET ${identifier(RUN_ID)} = ${literal(runId)}, ${identifier(LOADED_AT)} = ${time}, ${identifier(DELETED_AT)} = ${time}`,
    `WHERE ${identifier(source.spec.parentKey.name)} IN (${keysOf(collection, "delete")}) AND ${identifier(DELETED_AT)} IS NULL`,
  ].join("\n");
}

/** One row, `rows`: children that are written again under their key. */
export function countRewrittenChildren(
  { schema }: Stamp,
  collection: PlannedCollection,
  child: PlannedTable,
): string {
  const keys = child.source.spec.key.map(identifier);
  return [
    `SELECT count(*) AS rows FROM ${rawTable(schema, child.table)} AS t`,
    // Both sides are cut down first: the join is then as small as the change.
    `JOIN (SELECT ${keys.join(", ")} FROM ${stageTable(child.table)} WHERE ${ofChangedParents(collection, identifier(PARENT_ID))}) AS s ON ${keys.map((key) => `t.${key} = s.${key}`).join(" AND ")}`,
    `WHERE ${ofChangedParents(collection, `t.${identifier(PARENT_ID)}`)}`,
  ].join("\n");
}

/** One row, `rows`: children of parents that are kept though the run does not bring them. */
export function countKeptChildren(
  { schema }: Stamp,
  collection: PlannedCollection,
  child: PlannedTable,
): string {
  return `SELECT count(*) AS rows FROM ${rawTable(schema, child.table)} WHERE ${identifier(PARENT_ID)} IN (${keysOf(collection, "kept")})`;
}

export function deleteChildren(
  { schema }: Stamp,
  collection: PlannedCollection,
  child: PlannedTable,
): string {
  return `DELETE FROM ${rawTable(schema, child.table)} WHERE ${ofChangedParents(collection, identifier(PARENT_ID))}`;
}

export function insertChildren(
  stamp: Stamp,
  collection: PlannedCollection,
  child: PlannedTable,
  runId: string,
): string {
  return [
    insertInto(stamp, child.source.spec, runId),
    `WHERE ${identifier(PARENT_ID)} IN (${keysOf(collection, "insert", "update", "undelete")})`,
  ].join("\n");
}

function changesOf(collection: PlannedCollection): string {
  return changesTable(collection.tables[0]!.table);
}

function keysOf(collection: PlannedCollection, ...actions: readonly string[]): string {
  return `SELECT _key FROM ${changesOf(collection)} WHERE _action IN (${actions.map(literal).join(", ")})`;
}

function ofChangedParents(collection: PlannedCollection, parentId: string): string {
  // A rebuild also clears children whose parent nobody knows.
  return collection.rebuild
    ? `${parentId} NOT IN (${keysOf(collection, "kept")})`
    : `${parentId} IN (${keysOf(collection, "insert", "update", "undelete", "delete")})`;
}

function insertInto({ schema, loadedAt }: Stamp, spec: TableSpec, runId: string): string {
  const names = lakeColumns(spec).map(({ name }) => identifier(name));
  return [
    `INSERT INTO ${rawTable(schema, spec.name)} (${[...names, identifier(RUN_ID), identifier(LOADED_AT)].join(", ")})`,
    `SELECT ${names.join(", ")}, ${literal(runId)}, ${timestampLiteral(loadedAt)}`,
    `FROM ${stageTable(spec.name)}`,
  ].join("\n");
}
