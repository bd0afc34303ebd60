import type { LoadPlan, PlannedTable } from "../loader/load-plan.ts";
import { plannedTables } from "../loader/load-plan.ts";
import type { StagedLoad } from "../loader/loader.ts";
import { assertStage } from "../planning/index.ts";
import type { LoadScript } from "./load-script.ts";
import { localTables } from "./local-parts.ts";
import type { DuckDBLoaderOptions } from "./options.ts";
import { count, type Row, type Session, text } from "./session.ts";
import { checkStage, createStage, dropStages, duplicateExamples, stageView } from "./sql/index.ts";
import { verifyParts } from "./verify-parts.ts";

/** Brings here what lies elsewhere, verifies every part that will be read, then makes one stage per table. */
export async function stageTables(
  session: Session,
  plan: LoadPlan,
  script: LoadScript,
  localPart: DuckDBLoaderOptions["localPart"],
  signal: AbortSignal | undefined,
): Promise<StagedLoad> {
  const tables = await localTables(stagedTables(plan), localPart, signal);
  const parts = tables.flatMap(({ source }) => source.parts.map((part) => ({ spec: source.spec, part })));
  await verifyParts(session, parts, signal);
  // The plan names the files where the lake has them; read are those that were brought here.
  const sources = new Map(tables.map(({ table, source }) => [table, source]));
  const stages = script.stages.map((statement) => {
    const source = sources.get(statement.table ?? "");
    return source === undefined ? statement : { ...statement, sql: createStage(source) };
  });
  await session.executeAll(stages);
  return {
    jobs: 0,
    tables: tables.map(({ table, rows }) => ({ table, relation: stageView(table), rows })),
    [Symbol.asyncDispose]: async () => {
      if (tables.length > 0) await session.finish(dropStages(tables.map(({ source }) => source)));
    },
  };
}

/** Holds each stage against the manifest. */
export async function reconcileStages(session: Session, plan: LoadPlan, script: LoadScript): Promise<void> {
  const facts = new Map<string, Row>();
  for (const statement of script.checks) {
    for (const row of await session.execute(statement)) facts.set(text(row, "table_name") ?? "", row);
  }
  // Parents come before their children, whose numbers count on the parent's.
  for (const { table, collection, rows, source } of stagedTables(plan)) {
    let found = facts.get(table) ?? NO_ROWS;
    if (found["doubtful"] !== undefined && count(found, "doubtful") > 0) {
      const parent = plan.collections.find(({ name }) => name === collection)?.tables[0];
      if (parent === undefined) throw new TypeError(`${table} has no parent.`);
      const checked = { spec: source.spec, parent: parent.source.spec };
      found = (await session.rows(checkStage(checked)))[0] ?? NO_ROWS;
    }
    const duplicateKeys = count(found, "duplicate_keys");
    assertStage({
      table,
      expectedRows: rows,
      rows: count(found, "rows"),
      nullKeys: count(found, "null_keys"),
      duplicateKeys,
      duplicateExamples:
        duplicateKeys === 0
          ? []
          : (await session.rows(duplicateExamples(source.spec))).map((row) => text(row, "key") ?? "null"),
      orphans: count(found, "orphans"),
    });
  }
}

/** A stage without rows has none in the answer. */
const NO_ROWS: Row = { rows: 0, null_keys: 0, duplicate_keys: 0, orphans: 0 };

function stagedTables(plan: LoadPlan): PlannedTable[] {
  const loaded = new Set(
    plan.collections.filter(({ outcome }) => outcome === "load").map(({ name }) => name),
  );
  return plannedTables(plan).filter(({ collection }) => loaded.has(collection));
}
