import { type EtlError, isChild } from "@spacex-etl/contracts";
import type { LoadWarning, PlannedCollection, PlannedTable } from "../loader/load-plan.ts";
import type { LoadCollection, LoadRequest, LoadTable } from "../loader/load-request.ts";
import { assertDeletionsAllowed } from "./deletion-guard.ts";
import { rawColumns } from "./raw-tables.ts";
import { compareColumns, type SchemaDialect, schemaError } from "./schema-changes.ts";
import type { RegisteredTable, WarehouseState, WarehouseTable } from "./warehouse-state.ts";

/** A warehouse's state by table name. */
export interface Facts {
  readonly tables: ReadonlyMap<string, WarehouseTable>;
  readonly registry: ReadonlyMap<string, RegisteredTable>;
}

export function indexed(state: WarehouseState): Facts {
  return {
    tables: new Map(state.tables.map((table) => [table.name.toLowerCase(), table])),
    registry: new Map(state.registry.map((entry) => [entry.table, entry])),
  };
}

/** What happens to a collection that is not superseded. Adds to the warnings. */
export function planCollection(
  request: LoadRequest,
  collection: LoadCollection,
  facts: Facts,
  dialect: SchemaDialect,
  warnings: LoadWarning[],
): PlannedCollection {
  const names = collection.tables.map((table) => table.spec.name);
  const compared = collection.tables.map((table) => {
    const entry = facts.registry.get(table.spec.name);
    if (entry !== undefined && entry.schemaVersion > table.spec.schemaVersion) throw newer(table, entry);
    const actual = facts.tables.get(table.spec.name);
    const changes =
      actual === undefined
        ? { added: [], gone: [] }
        : compareColumns(rawColumns(table.spec), actual, names, dialect);
    return { table, entry, actual, changes };
  });
  const unchanged = compared.every(
    ({ table, entry, actual, changes }) =>
      entry?.contentSha256 === table.contentSha256 &&
      actual?.liveRows === table.rows &&
      changes.added.length === 0,
  );
  const fresh = compared.every(({ actual }) => (actual?.rows ?? 0) === 0);
  const rebuild =
    !fresh &&
    !unchanged &&
    compared.some(
      ({ entry, actual, changes }) =>
        entry !== undefined &&
        (actual?.liveRows !== entry.rows ||
          (changes.added.length > 0 && entry.schemaFingerprint === collection.schemaFingerprint)),
    );
  const tables = compared.map(({ table, actual, changes }): PlannedTable => ({
    ...identity(table, actual),
    action: unchanged
      ? "unchanged"
      : actual === undefined
        ? "create"
        : changes.added.length > 0
          ? "add columns"
          : "merge",
    addedColumns: changes.added,
    goneColumns: changes.gone,
  }));
  if (!unchanged) {
    const parent = tables[0]!;
    if (parent.rows === 0 && collection.quarantinedKeys?.length === 0) {
      assertDeletionsAllowed({
        collection: collection.name,
        rows: 0,
        liveRows: parent.liveRows,
        vanishing: parent.liveRows,
        allowDeletes: request.allowDeletes,
      });
    }
    warnings.push(...collectionWarnings(collection, tables, rebuild, facts));
  }
  return {
    ...collectionIdentity(collection),
    outcome: unchanged ? "unchanged" : "load",
    fresh,
    rebuild,
    tables,
  };
}

function collectionWarnings(
  collection: LoadCollection,
  tables: readonly PlannedTable[],
  rebuild: boolean,
  facts: Facts,
): LoadWarning[] {
  const warnings: LoadWarning[] = [];
  if (collection.quarantinedKeys === null && tables[0]!.liveRows > 0) {
    warnings.push({
      code: "DELETES_UNKNOWN",
      message: `A quarantined record of ${collection.name} has no readable key: no row of it is deleted in this run.`,
    });
  }
  if (rebuild) {
    warnings.push({
      code: "TABLE_REBUILT",
      message: `The tables of ${collection.name} are not what the last load left: all their rows are written again.`,
    });
  }
  for (const table of tables) {
    if (table.goneColumns.length === 0) continue;
    warnings.push({
      code: "COLUMN_GONE",
      message: `${table.table} keeps ${table.goneColumns.join(", ")}, which the schema no longer has; new and changed rows get null.`,
    });
  }
  const current = new Set(tables.map((table) => table.table));
  for (const entry of facts.registry.values()) {
    if (entry.collection !== collection.name || current.has(entry.table)) continue;
    warnings.push({
      code: "TABLE_GONE",
      message: `${entry.table} stays as it is: the schema of ${collection.name} no longer has it.`,
    });
  }
  return warnings;
}

/** A collection that is not loaded. */
export function settled(
  collection: LoadCollection,
  facts: Facts,
  outcome: "unchanged" | "superseded",
): PlannedCollection {
  return {
    ...collectionIdentity(collection),
    outcome,
    fresh: false,
    rebuild: false,
    tables: collection.tables.map((table) => ({
      ...identity(table, facts.tables.get(table.spec.name)),
      action: outcome,
      addedColumns: [],
      goneColumns: [],
    })),
  };
}

function collectionIdentity(collection: LoadCollection) {
  const { name, extractedAt, schemaFingerprint, quarantinedKeys } = collection;
  return { name, extractedAt, schemaFingerprint, quarantinedKeys };
}

function identity(table: LoadTable, actual: WarehouseTable | undefined) {
  return {
    table: table.spec.name,
    collection: table.spec.collection,
    child: isChild(table.spec),
    rows: table.rows,
    liveRows: actual?.liveRows ?? 0,
    source: table,
  };
}

function newer(table: LoadTable, entry: RegisteredTable): EtlError {
  return schemaError(
    "SCHEMA_NEWER",
    `Table ${entry.table} was loaded with schema version ${entry.schemaVersion}; this run has version ${table.spec.schemaVersion}.`,
    "A newer program has loaded it: upgrade this one.",
    { table: entry.table, warehouse: entry.schemaVersion, run: table.spec.schemaVersion },
  );
}
