import type { LoadPlan, LoadStatement, PlannedCollection, PlannedTable } from "../loader/load-plan.ts";
import { LEDGER, rawColumns, REGISTRY, TRANSFORMS } from "../planning/index.ts";
import type { CollectionScript, LoadScript } from "./load-script.ts";
import * as sql from "./sql/index.ts";

export interface ScriptSettings {
  readonly raw: sql.RawSchema;
  /** The session does not keep the order of files by itself. */
  readonly ordered: boolean;
}

export function loadScript(
  plan: Pick<LoadPlan, "request" | "collections" | "ledgerLoads" | "plannedAt">,
  { raw, ordered }: ScriptSettings,
): LoadScript {
  const { request } = plan;
  const loaded = plan.collections.filter((collection) => collection.outcome === "load");
  const registered = plan.collections.filter((collection) => collection.outcome !== "superseded");
  const tables = loaded.flatMap((collection) => collection.tables);
  const statement = (
    name: string,
    phase: LoadStatement["phase"],
    purpose: LoadStatement["purpose"],
    table: string | null,
    text: string,
  ): LoadStatement => ({ name, phase, purpose, table, sql: text });
  const tx = (name: string, purpose: LoadStatement["purpose"], table: string | null, text: string) =>
    statement(name, "transaction", purpose, table, text);
  const ddlOf = (table: PlannedTable): LoadStatement[] =>
    table.action === "create"
      ? [
          tx(
            `create ${table.table}`,
            "ddl",
            table.table,
            sql.createTable(raw, { name: table.table, columns: rawColumns(table.source.spec) }),
          ),
        ]
      : table.addedColumns.map((column) =>
          tx(
            `add ${table.table}.${column.name}`,
            "ddl",
            table.table,
            sql.addColumn(raw, table.table, column),
          ),
        );
  const scriptOf = (collection: PlannedCollection): CollectionScript => {
    const ddl = collection.tables.flatMap(ddlOf);
    const [parent, ...children] = collection.tables as [PlannedTable, ...PlannedTable[]];
    const name = parent.table;
    if (collection.fresh) {
      const filled = collection.tables.filter((table) => table.rows > 0);
      return {
        kind: "fresh",
        collection,
        ddl,
        inserts: filled.map((table) => ({
          table,
          insert: tx(
            `insert into ${table.table}`,
            "data",
            table.table,
            sql.insertAll(raw, table, request.runId, ordered),
          ),
        })),
      };
    }
    return {
      kind: "merge",
      collection,
      ddl,
      createChanges: tx(`find changes of ${name}`, "count", name, sql.createChanges(raw, collection)),
      countChanges: tx(`count changes of ${name}`, "count", name, sql.countChanges(collection)),
      deleteOldVersions: tx(
        `delete old versions from ${name}`,
        "data",
        name,
        sql.deleteOldVersions(raw, collection),
      ),
      insertNewVersions: tx(
        `insert into ${name}`,
        "data",
        name,
        sql.insertNewVersions(raw, collection, request.runId),
      ),
      softDelete: tx(
        `soft-delete from ${name}`,
        "data",
        name,
        sql.softDelete(raw, collection, request.runId),
      ),
      children: children.map((child) => ({
        child,
        countRewritten: tx(
          `count rewritten rows of ${child.table}`,
          "count",
          child.table,
          sql.countRewrittenChildren(raw, collection, child),
        ),
        countKept: tx(
          `count kept rows of ${child.table}`,
          "count",
          child.table,
          sql.countKeptChildren(raw, collection, child),
        ),
        deleteOld: tx(
          `delete from ${child.table}`,
          "data",
          child.table,
          sql.deleteChildren(raw, collection, child),
        ),
        insertNew: tx(
          `insert into ${child.table}`,
          "data",
          child.table,
          sql.insertChildren(raw, collection, child, request.runId),
        ),
      })),
      dropChanges: tx(`drop changes of ${name}`, "stage", name, sql.dropChanges(collection)),
    };
  };
  return {
    stages: tables.map(({ table, source }) =>
      statement(`stage ${table}`, "stage", "stage", table, sql.createStage(source)),
    ),
    checks: stageChecks(loaded),
    opening: [
      tx("create schema", "ddl", null, sql.createSchema(raw)),
      ...[LEDGER, REGISTRY, TRANSFORMS].map((table) =>
        tx(`create ${table.name}`, "ddl", table.name, sql.createTable(raw, table, true)),
      ),
    ],
    assertLedger: tx(
      "assert ledger",
      "assert",
      LEDGER.name,
      sql.assertLedger(raw, request.runId, plan.ledgerLoads),
    ),
    countStages:
      tables.length === 0
        ? undefined
        : tx("count stages", "assert", null, sql.countStages(tables.map((table) => table.table))),
    setLoadTime: tx("set load time", "ledger", LEDGER.name, sql.setLoadTime(raw, plan.plannedAt)),
    collections: loaded.map(scriptOf),
    countRows:
      tables.length === 0
        ? undefined
        : tx(
            "count rows",
            "count",
            null,
            sql.countRows(
              raw,
              tables.map(({ table, child }) => ({ name: table, softDeletes: !child })),
            ),
          ),
    registry:
      registered.length === 0
        ? []
        : [
            tx(
              "forget old registry rows",
              "ledger",
              REGISTRY.name,
              sql.unregister(
                raw,
                registered.flatMap((collection) => collection.tables.map((table) => table.table)),
              ),
            ),
            tx("register tables", "ledger", REGISTRY.name, sql.register(raw, request, registered)),
          ],
    ledger: tx("insert ledger row", "ledger", LEDGER.name, sql.insertLoad(raw, request)),
  };
}

/** One statement for the small stages; large ones must not hold memory together. */
function stageChecks(loaded: readonly PlannedCollection[]): LoadStatement[] {
  const stages = loaded.flatMap(({ tables }) =>
    tables.map(({ source }) => ({
      spec: source.spec,
      parent: tables[0]!.source.spec,
      small: sql.isSmall(source),
    })),
  );
  const check = (name: string, table: string | null, text: string): LoadStatement => ({
    name,
    phase: "reconcile",
    purpose: "assert",
    table,
    sql: text,
  });
  const small = stages.filter((stage) => stage.small);
  return [
    ...(small.length === 0 ? [] : [check("check small stages", null, sql.checkSmallStages(small))]),
    ...stages
      .filter((stage) => !stage.small)
      .map((stage) =>
        check(
          `check stage of ${stage.spec.name}`,
          stage.spec.name,
          sql.hasOneOrdinal(stage) ? sql.checkOrdinals(stage) : sql.checkStage(stage),
        ),
      ),
  ];
}
