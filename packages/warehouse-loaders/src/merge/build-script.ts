import type { LoadPlan, LoadStatement, PlannedCollection, PlannedTable } from "../loader/load-plan.ts";
import { LEDGER, rawColumns, REGISTRY } from "../planning/index.ts";
import type { CollectionScript, LoadScript } from "./load-script.ts";
import type { MergeSql } from "./merge-sql.ts";

/** The whole load of a plan in an engine's SQL. */
export function loadScript(
  plan: Pick<LoadPlan, "request" | "collections" | "ledgerLoads" | "plannedAt">,
  sql: MergeSql,
): LoadScript {
  const { request } = plan;
  const loaded = plan.collections.filter((collection) => collection.outcome === "load");
  const registered = plan.collections.filter((collection) => collection.outcome !== "superseded");
  const tables = loaded.flatMap((collection) => collection.tables);
  return {
    prepare: sql.prepare(),
    stages: tables.map((table) => ({ table, statements: sql.stage(table) })),
    checks: sql.checkStages(loaded),
    opening: sql.open(),
    assertLedger: inTransaction(
      "assert ledger",
      "assert",
      LEDGER.name,
      sql.assertLedger(request.runId, plan.ledgerLoads),
    ),
    countStages:
      tables.length === 0
        ? undefined
        : inTransaction("count stages", "assert", null, sql.countStages(tables.map(({ table }) => table))),
    setLoadTime:
      sql.setLoadTime === undefined
        ? undefined
        : inTransaction("set load time", "ledger", LEDGER.name, sql.setLoadTime(plan.plannedAt)),
    collections: loaded.map((collection) => collectionScript(collection, request.runId, sql)),
    countRows:
      tables.length === 0
        ? undefined
        : inTransaction(
            "count rows",
            "count",
            null,
            sql.countRows(tables.map(({ table, child }) => ({ name: table, softDeletes: !child }))),
          ),
    registry:
      registered.length === 0
        ? []
        : [
            inTransaction(
              "forget old registry rows",
              "ledger",
              REGISTRY.name,
              sql.unregister(
                registered.flatMap((collection) => collection.tables.map((table) => table.table)),
              ),
            ),
            inTransaction("register tables", "ledger", REGISTRY.name, sql.register(request, registered)),
          ],
    ledger: inTransaction("insert ledger row", "ledger", LEDGER.name, sql.insertLoad(request)),
    cleanup: tables.length === 0 ? [] : sql.dropStages(tables),
  };
}

function collectionScript(collection: PlannedCollection, runId: string, sql: MergeSql): CollectionScript {
  const ddl = collection.tables.flatMap((table) => ddlOf(table, sql));
  const [parent, ...children] = collection.tables as [PlannedTable, ...PlannedTable[]];
  const name = parent.table;
  if (collection.fresh) {
    const filled = collection.tables.filter((table) => table.rows > 0);
    return {
      kind: "fresh",
      collection,
      ddl,
      inserts: filled.map((table) =>
        inTransaction(`insert into ${table.table}`, "data", table.table, sql.insertAll(table, runId)),
      ),
      joined: sql.joins(collection.tables),
    };
  }
  return {
    kind: "merge",
    collection,
    ddl,
    createChanges: inTransaction(`find changes of ${name}`, "count", name, sql.createChanges(collection)),
    countChanges: inTransaction(`count changes of ${name}`, "count", name, sql.countChanges(collection)),
    deleteOldVersions: inTransaction(
      `delete old versions from ${name}`,
      "data",
      name,
      sql.deleteOldVersions(collection),
    ),
    insertNewVersions: inTransaction(
      `insert into ${name}`,
      "data",
      name,
      sql.insertNewVersions(collection, runId),
    ),
    softDelete: inTransaction(`soft-delete from ${name}`, "data", name, sql.softDelete(collection, runId)),
    children: children.map((child) => ({
      child,
      countRewritten: inTransaction(
        `count rewritten rows of ${child.table}`,
        "count",
        child.table,
        sql.countRewrittenChildren(collection, child),
      ),
      countKept: inTransaction(
        `count kept rows of ${child.table}`,
        "count",
        child.table,
        sql.countKeptChildren(collection, child),
      ),
      deleteOld: inTransaction(
        `delete from ${child.table}`,
        "data",
        child.table,
        sql.deleteChildren(collection, child),
      ),
      insertNew: inTransaction(
        `insert into ${child.table}`,
        "data",
        child.table,
        sql.insertChildren(collection, child, runId),
      ),
    })),
    dropChanges: inTransaction(`drop changes of ${name}`, "stage", name, sql.dropChanges(collection)),
  };
}

function ddlOf({ table, action, source, addedColumns }: PlannedTable, sql: MergeSql): LoadStatement[] {
  return action === "create"
    ? [inTransaction(`create ${table}`, "ddl", table, sql.createTable(source.spec, rawColumns(source.spec)))]
    : addedColumns.map((column) =>
        inTransaction(`add ${table}.${column.name}`, "ddl", table, sql.addColumn(source.spec, column)),
      );
}

function inTransaction(
  name: string,
  purpose: LoadStatement["purpose"],
  table: string | null,
  sql: string,
): LoadStatement {
  return { name, phase: "transaction", purpose, table, sql };
}
