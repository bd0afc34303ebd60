import type { LoadStatement, PlannedCollection } from "../loader/load-plan.ts";
import { LEDGER, REGISTRY } from "../planning/index.ts";
import type { PlannedLoad } from "./build-script.ts";
import * as sql from "./sql/index.ts";

/** The script that brings all tables to the run's state, or none; each statement of it is a job of its own on the service. */
export function transactionOf(
  plan: PlannedLoad,
  raw: sql.RawDataset,
  stageOf: ReadonlyMap<string, string>,
): LoadStatement[] {
  const { request, collections } = plan;
  const loaded = collections.filter(({ outcome }) => outcome === "load");
  const registered = collections.filter(({ outcome }) => outcome !== "superseded");
  const written = loaded.flatMap(({ tables }) => tables);
  const positions = new Map(
    collections.flatMap(({ tables }) => tables).map(({ table }, index) => [table, index]),
  );
  const position = (table: string) => positions.get(table) ?? 0;
  const stage = (table: string) => stageOf.get(table) ?? "";
  const known = collections.flatMap(({ outcome, fresh, tables }) =>
    outcome === "load" && !fresh
      ? []
      : tables.map((table) => ({
          table,
          position: position(table.table),
          filled: outcome === "load",
        })),
  );
  const altered = written.some(({ action }) => action === "create" || action === "add columns");

  const fill = ({ tables }: PlannedCollection): LoadStatement[] =>
    tables
      .filter(({ rows }) => rows > 0)
      .map(({ table, source }) =>
        tx(
          `insert into ${table}`,
          "data",
          table,
          sql.insertAll(raw, source.spec, stage(table), request.runId),
        ),
      );
  const merge = (collection: PlannedCollection): LoadStatement[] => {
    const [parent, ...children] = collection.tables;
    const name = parent!.table;
    return [
      tx(`find changes of ${name}`, "count", name, sql.createChanges(raw, collection, stage(name))),
      tx(`count changes of ${name}`, "count", name, sql.countParentChanges(collection, position(name))),
      ...(collection.rebuild
        ? [tx(`delete old versions from ${name}`, "data", name, sql.deleteOldVersions(raw, collection))]
        : []),
      tx(`merge into ${name}`, "data", name, sql.mergeParents(raw, collection, stage(name), request.runId)),
      ...children.flatMap((child) => {
        const { table } = child;
        const counts = sql.countChildChanges(raw, collection, child, stage(table), position(table));
        return [
          tx(`count changes of ${table}`, "count", table, counts),
          tx(`delete from ${table}`, "data", table, sql.deleteChildren(raw, collection, child)),
          ...(child.rows === 0
            ? []
            : [
                tx(
                  `insert into ${table}`,
                  "data",
                  table,
                  sql.insertChildren(raw, collection, child, stage(table), request.runId),
                ),
              ]),
        ];
      }),
    ];
  };

  return [
    tx("declare load time", "ledger", null, sql.DECLARE_LOAD_TIME),
    tx("begin", "ledger", null, "BEGIN TRANSACTION"),
    tx("take lock", "ledger", sql.LOCK, sql.takeLock(raw, request.runId)),
    tx("assert lock", "assert", sql.LOCK, sql.assertLock(raw)),
    tx("assert ledger", "assert", LEDGER.name, sql.assertLedger(raw, request.runId, plan.ledgerLoads)),
    ...(written.length === 0
      ? []
      : [
          tx(
            "count stages",
            "assert",
            null,
            sql.assertStages(
              raw,
              written.map(({ table, rows }) => ({ stage: stage(table), rows })),
            ),
          ),
        ]),
    tx("set load time", "ledger", LEDGER.name, sql.setLoadTime(raw)),
    tx("create counts", "count", null, sql.createCounts()),
    ...(known.length === 0 ? [] : [tx("enter known counts", "count", null, sql.insertKnownCounts(known))]),
    ...loaded.flatMap((collection) => (collection.fresh ? fill(collection) : merge(collection))),
    ...(written.length === 0
      ? []
      : [
          tx("count rows", "count", null, sql.createLive(raw, written)),
          tx("assert rows", "assert", null, sql.assertLive()),
        ]),
    ...(registered.length === 0
      ? []
      : [
          tx(
            "forget old registry rows",
            "ledger",
            REGISTRY.name,
            sql.unregister(
              raw,
              registered.flatMap(({ tables }) => tables.map(({ table }) => table)),
            ),
          ),
          tx("register tables", "ledger", REGISTRY.name, sql.register(raw, request, registered)),
        ]),
    tx("insert ledger row", "ledger", LEDGER.name, sql.insertLoad(raw, request, altered)),
    tx("commit", "ledger", null, "COMMIT TRANSACTION"),
  ];
}

function tx(
  name: string,
  purpose: LoadStatement["purpose"],
  table: string | null,
  text: string,
): LoadStatement {
  return { name, phase: "transaction", purpose, table, sql: text };
}
