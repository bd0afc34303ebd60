import type { LoadPlan } from "../loader/load-plan.ts";
import { assertStage } from "../planning/index.ts";
import type { LoadScript } from "./load-script.ts";
import type { MergeSql } from "./merge-sql.ts";
import { count, type Row, type Session, text } from "./session.ts";

/** Holds each stage against the manifest. @throws EtlError STAGE_COUNT, KEY_NULL, KEY_DUPLICATE, CHILD_ORPHAN. */
export async function reconcileStages(
  session: Session,
  plan: LoadPlan,
  script: LoadScript,
  sql: Pick<MergeSql, "recheckStage" | "duplicateExamples">,
): Promise<void> {
  const facts = new Map<string, Row>();
  for (const statement of script.checks) {
    for (const row of await session.execute(statement)) facts.set(text(row, "table_name") ?? "", row);
  }
  // Parents come before their children, whose numbers count on the parent's.
  for (const {
    table: { table, collection, rows, source },
  } of script.stages) {
    let found = facts.get(table) ?? NO_ROWS;
    if (found["doubtful"] !== undefined && count(found, "doubtful") > 0) {
      const parent = plan.collections.find(({ name }) => name === collection)?.tables[0];
      if (parent === undefined || sql.recheckStage === undefined)
        throw new TypeError(`The stage of ${table} cannot be checked again.`);
      const checked = { spec: source.spec, parent: parent.source.spec };
      found = (await session.rows(sql.recheckStage(checked)))[0] ?? NO_ROWS;
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
          : (await session.rows(sql.duplicateExamples(source.spec))).map((row) => text(row, "key") ?? "null"),
      orphans: count(found, "orphans"),
    });
  }
}

/** A stage without rows may have none in the answer. */
const NO_ROWS: Row = { rows: 0, null_keys: 0, duplicate_keys: 0, orphans: 0 };
