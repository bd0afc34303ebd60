import { throwIfAborted } from "../loader/load-run.ts";
import type { LoadPlan } from "../loader/load-plan.ts";
import type { LoadContext } from "../loader/loader.ts";
import { assertDeletionsAllowed, assertStage } from "../planning/index.ts";
import type { LoadScript } from "./load-script.ts";
import { count, type Row } from "./queries.ts";
import type { Session } from "./session.ts";
import { duplicateExamples } from "./sql/index.ts";

/** Holds each stage against the manifest, and what would vanish against the guard: one query for all. */
export async function reconcileStages(
  session: Session,
  plan: LoadPlan,
  script: LoadScript,
  context: LoadContext,
): Promise<void> {
  if (script.reconcile === undefined) return;
  const { query, raw } = session;
  const rows = await query("check the stages", script.reconcile.sql, context);
  const found = new Map(rows.map((row) => [`${row["kind"]} ${row["name"]}`, row]));
  // Parents come before their children, whose numbers count on the parent's.
  for (const { table, spec, stage } of script.stages) {
    const row = found.get(`stage ${table.table}`);
    const duplicateKeys = count(row, "duplicate_keys");
    assertStage({
      table: table.table,
      expectedRows: table.rows,
      rows: count(row, "n"),
      nullKeys: count(row, "null_keys"),
      duplicateKeys,
      duplicateExamples:
        duplicateKeys === 0
          ? []
          : (await query("look for duplicate keys", duplicateExamples(raw, spec, stage), context)).map(
              exampleOf,
            ),
      orphans: count(row, "orphans"),
    });
  }
  for (const { name, tables } of script.compared) {
    const row = found.get(`changes ${name}`);
    const parent = tables[0]!;
    assertDeletionsAllowed({
      collection: name,
      rows: parent.rows + count(row, "kept"),
      liveRows: parent.liveRows,
      vanishing: count(row, "n"),
      allowDeletes: plan.request.allowDeletes,
    });
  }
  throwIfAborted(context.signal);
}

function exampleOf(row: Row): string {
  return row["example"] ?? "null";
}
