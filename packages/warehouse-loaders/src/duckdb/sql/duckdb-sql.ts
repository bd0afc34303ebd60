import type { LoadStatement, PlannedCollection } from "../../loader/load-plan.ts";
import type { MergeSql } from "../../merge/index.ts";
import { LEDGER, REGISTRY, TRANSFORMS } from "../../planning/index.ts";
import { countRows, readCatalog } from "./catalog.ts";
import * as changes from "./changes.ts";
import { checkOrdinals, checkSmallStages, checkStage, hasOneOrdinal } from "./check-stages.ts";
import { addColumn, createSchema, createTable } from "./ddl.ts";
import * as ledger from "./ledger.ts";
import type { RawSchema } from "./names.ts";
import { countStages, createStage, duplicateExamples, isSmall } from "./stage.ts";

/** Which tables to load, and how. */
export interface DuckDBSqlSettings {
  readonly raw: RawSchema;
  /** The session does not keep the order of files by itself. */
  readonly ordered: boolean;
}

const BOOKKEEPING = [LEDGER, REGISTRY, TRANSFORMS];

/** A load in DuckDB's SQL. */
export function duckdbSql({ raw, ordered }: DuckDBSqlSettings): MergeSql {
  return {
    bookkeeping: BOOKKEEPING,
    readCatalog: (tables) => readCatalog(raw, tables),
    countRows: (tables) => countRows(raw, tables),
    readLedger: (runId) => ledger.readLedger(raw, runId),
    readRegistry: () => ledger.readRegistry(raw),
    readChangedAt: () => ledger.readChangedAt(raw),
    readLastTransform: () => ledger.readLastTransform(raw),
    prepare: () => [],
    stage: ({ table, source }) => [
      { name: `stage ${table}`, phase: "stage", purpose: "stage", table, sql: createStage(source) },
    ],
    checkStages,
    recheckStage: checkStage,
    duplicateExamples,
    open: () => [
      { ...DDL, name: "create schema", table: null, sql: createSchema(raw) },
      ...BOOKKEEPING.map((table) => ({
        ...DDL,
        name: `create ${table.name}`,
        table: table.name,
        sql: createTable(raw, table, true),
      })),
    ],
    assertLedger: (runId, loads) => ledger.assertLedger(raw, runId, loads),
    countStages,
    setLoadTime: (clock) => ledger.setLoadTime(raw, clock),
    createTable: ({ name }, columns) => createTable(raw, { name, columns }),
    addColumn: ({ name }, column) => addColumn(raw, name, column),
    joins: (tables) => tables.every(({ source }) => isSmall(source)),
    insertAll: (table, runId) => changes.insertAll(raw, table, runId, ordered),
    createChanges: (collection) => changes.createChanges(raw, collection),
    countChanges: changes.countChanges,
    deleteOldVersions: (collection) => changes.deleteOldVersions(raw, collection),
    insertNewVersions: (collection, runId) => changes.insertNewVersions(raw, collection, runId),
    softDelete: (collection, runId) => changes.softDelete(raw, collection, runId),
    countKeptChildren: (collection, child) => changes.countKeptChildren(raw, collection, child),
    countRewrittenChildren: (collection, child) => changes.countRewrittenChildren(raw, collection, child),
    deleteChildren: (collection, child) => changes.deleteChildren(raw, collection, child),
    insertChildren: (collection, child, runId) => changes.insertChildren(raw, collection, child, runId),
    dropChanges: changes.dropChanges,
    unregister: (tables) => ledger.unregister(raw, tables),
    register: (request, collections) => ledger.register(raw, request, collections),
    insertLoad: (request) => ledger.insertLoad(raw, request),
    // They die with the session, or are replaced; what disposes of them is not worth a line of the plan.
    dropStages: () => [],
  };
}

const DDL = { phase: "transaction", purpose: "ddl" } as const;

/** One statement for the small stages; large ones must not hold memory together. */
function checkStages(loaded: readonly PlannedCollection[]): LoadStatement[] {
  const stages = loaded.flatMap(({ tables }) =>
    tables.map(({ source }) => ({
      spec: source.spec,
      parent: tables[0]!.source.spec,
      small: isSmall(source),
    })),
  );
  const check = (name: string, table: string | null, sql: string): LoadStatement => ({
    name,
    phase: "reconcile",
    purpose: "assert",
    table,
    sql,
  });
  const small = stages.filter((stage) => stage.small);
  return [
    ...(small.length === 0 ? [] : [check("check small stages", null, checkSmallStages(small))]),
    ...stages
      .filter((stage) => !stage.small)
      .map((stage) =>
        check(
          `check stage of ${stage.spec.name}`,
          stage.spec.name,
          hasOneOrdinal(stage) ? checkOrdinals(stage) : checkStage(stage),
        ),
      ),
  ];
}
