import { EtlError, type TableCounts } from "@spacex-etl/contracts";
import { type LoadPlan, plannedTables } from "../loader/load-plan.ts";
import { type LoadReport, untouched } from "../loader/load-report.ts";
import { field } from "./failure.ts";
import type { Row } from "./queries.ts";

/** What the ledger says of a load: the same whoever asks, and whenever. */
export function reportOf(plan: LoadPlan, row: Row, jobs: number): LoadReport {
  const counts = JSON.parse(row["counts"] ?? "{}") as unknown;
  const outcomes = new Map(plan.collections.map(({ name, outcome }) => [name, outcome]));
  return {
    runId: plan.request.runId,
    outcome: "loaded",
    loadedAt: row["loaded_at"] ?? null,
    jobs,
    tables: plannedTables(plan).map(({ table, collection, child, liveRows }) => {
      const outcome = outcomes.get(collection);
      return {
        table,
        collection,
        child,
        outcome: outcome === "load" ? "loaded" : outcome === "superseded" ? "superseded" : "unchanged",
        counts: countsOf(field(counts, table)) ?? untouched(liveRows),
      };
    }),
  };
}

const NAMES = ["rows", "inserted", "updated", "undeleted", "deleted", "unchanged"] as const;

function countsOf(value: unknown): TableCounts | undefined {
  const numbers = NAMES.map((name) => [name, field(value, name)] as const);
  if (numbers.some(([, number]) => typeof number !== "number")) return undefined;
  return Object.fromEntries(numbers) as Record<(typeof NAMES)[number], number>;
}

/** The load is committed, and its numbers could not be read. */
export function reportLost(place: string, runId: string, cause: unknown): EtlError {
  return new EtlError({
    kind: EtlError.isInstance(cause) && cause.kind === "interrupted" ? "interrupted" : "destination",
    code: "LOAD_COMMITTED",
    message: `Run ${runId} was committed to ${place}, but what it changed could not be read.`,
    hint: "The tables are complete. Run again with the same run id: it finds the load and changes nothing.",
    retryable: true,
    cause,
  });
}

/** The transaction said that it was committed, and the ledger does not have it. */
export function commitLost(place: string, runId: string): EtlError {
  return new EtlError({
    kind: "destination",
    code: "COMMIT_LOST",
    message: `${place} did not keep the load of run ${runId}.`,
    hint: "Somebody may have replaced the dataset. Run again with the same run id.",
  });
}
