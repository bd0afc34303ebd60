import type { LoadStatement, PlannedTable } from "../../loader/load-plan.ts";
import type { MergeSql } from "../../merge/index.ts";
import { copyManifest } from "../manifest.ts";
import { BOOKKEEPING } from "./bookkeeping.ts";
import { countRows, readCatalog } from "./catalog.ts";
import * as changes from "./changes.ts";
import { addColumn, createBookkeeping, createSchema, createTable, type Layout } from "./ddl.ts";
import * as ledger from "./ledger.ts";
import * as stage from "./stage.ts";
import type { Widths } from "./types.ts";

/** What the statements of a load depend on beside its plan. */
export interface RedshiftSqlSettings {
  readonly schema: string;
  /** `s3://bucket/prefix`: where the manifests of COPY are written. */
  readonly manifestsUrl: string;
  /** ARNs with commas, or `default`. */
  readonly iamRole: string;
  readonly layout: Layout;
  readonly widths: Widths;
  /** Of the schema and the tables of the loader's own, those that are there. */
  readonly present: { readonly schema: boolean; readonly tables: ReadonlySet<string> };
  readonly runId: string;
  /** The load's time, ISO 8601 in UTC to the microsecond: later than any before, as the transaction asserts. */
  readonly loadedAt: string;
}

/** A load in Redshift's SQL. */
export function redshiftSql(settings: RedshiftSqlSettings): MergeSql {
  const { schema, widths, layout } = settings;
  return {
    bookkeeping: BOOKKEEPING,
    readCatalog: (tables) => readCatalog(schema, tables),
    countRows: (tables) => countRows(schema, tables),
    readLedger: (runId) => ledger.readLedger(schema, runId),
    readRegistry: () => ledger.readRegistry(schema),
    readChangedAt: () => ledger.readChangedAt(schema),
    readLastTransform: () => ledger.readLastTransform(schema),
    prepare: () => prepare(settings),
    stage: (table) => stageStatements(table, settings),
    checkStages: (collections) =>
      collections.map((collection) => ({
        name: `check stages of ${collection.name}`,
        phase: "reconcile",
        purpose: "assert",
        table: null,
        sql: stage.checkStages(collection),
      })),
    duplicateExamples: stage.duplicateExamples,
    open: () => [
      { name: "lock", phase: "transaction", purpose: "assert", table: "_lock", sql: ledger.lock(schema) },
    ],
    assertLedger: (runId, loads) => ledger.assertLedger(settings, runId, loads),
    countStages: stage.countStages,
    createTable: (spec, columns) => createTable(schema, spec, columns, widths, layout),
    addColumn: ({ name }, column) => addColumn(schema, name, column, widths),
    // Each statement is a message of its own, so that what fails is known by its name.
    joins: () => false,
    insertAll: (table, runId) => changes.insertAll(settings, table, runId),
    createChanges: (collection) => changes.createChanges(settings, collection),
    countChanges: changes.countChanges,
    deleteOldVersions: (collection) => changes.deleteOldVersions(settings, collection),
    insertNewVersions: (collection, runId) => changes.insertNewVersions(settings, collection, runId),
    softDelete: (collection, runId) => changes.softDelete(settings, collection, runId),
    countKeptChildren: (collection, child) => changes.countKeptChildren(settings, collection, child),
    countRewrittenChildren: (collection, child) =>
      changes.countRewrittenChildren(settings, collection, child),
    deleteChildren: (collection, child) => changes.deleteChildren(settings, collection, child),
    insertChildren: (collection, child, runId) => changes.insertChildren(settings, collection, child, runId),
    dropChanges: changes.dropChanges,
    unregister: (tables) => ledger.unregister(schema, tables),
    register: (request, collections) => ledger.register(settings, request, collections),
    insertLoad: (request) => ledger.insertLoad(settings, request),
    // One by one: only those that were made are dropped.
    dropStages: (tables) =>
      tables.map(({ table }) => ({
        name: `drop stage of ${table}`,
        phase: "cleanup",
        purpose: "stage",
        table,
        sql: stage.dropStage(table),
      })),
  };
}

/** In statements of their own: a lock needs a table that is there, and comes before all else in the transaction. */
export function prepare({
  schema,
  widths,
  present,
}: Pick<RedshiftSqlSettings, "schema" | "widths" | "present">): LoadStatement[] {
  return [
    ...(present.schema
      ? []
      : [{ ...PREPARE, name: "create schema", table: null, sql: createSchema(schema) }]),
    ...BOOKKEEPING.filter(({ name }) => !present.tables.has(name)).map((table) => ({
      ...PREPARE,
      name: `create ${table.name}`,
      table: table.name,
      sql: createBookkeeping(schema, table, widths),
    })),
  ];
}

const PREPARE = { phase: "schema", purpose: "ddl" } as const;

function stageStatements(
  { table, rows, source }: PlannedTable,
  { runId, manifestsUrl, iamRole, widths }: RedshiftSqlSettings,
): LoadStatement[] {
  const make = (name: string, purpose: LoadStatement["purpose"], sql: string): LoadStatement => ({
    name,
    phase: "stage",
    purpose,
    table,
    sql,
  });
  const created = make(`create stage of ${table}`, "ddl", stage.createStage(source.spec, widths));
  if (rows === 0) return [created];
  const { key } = copyManifest(runId, source);
  return [
    created,
    make(`copy ${table}`, "stage", stage.copyStage(table, `${manifestsUrl}/${key}`, iamRole)),
    make(`count copied rows of ${table}`, "count", stage.COUNT_COPIED),
  ];
}
