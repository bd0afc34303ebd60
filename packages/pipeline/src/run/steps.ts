import type { StepName } from "@spacex-etl/contracts";
import { completeCollections, type TablesAhead } from "@spacex-etl/lake-writers";
import type { LoadReport } from "@spacex-etl/warehouse-loaders";
import type { Session } from "../session/session.ts";
import { extractStep } from "../steps/extract-step.ts";
import { loadStep } from "../steps/load-step.ts";
import { normalizeStep } from "../steps/normalize-step.ts";
import { transformStep } from "../steps/transform-step.ts";
import type { CollectionSummary, Highlights, TransformSummary } from "../summary/index.ts";
import { collectionSummaries } from "./report.ts";

/** What the steps have done so far: the report of a failed run has it too. */
export interface Progress {
  runId: string | undefined;
  collections: readonly CollectionSummary[];
  normalized: boolean;
  load: LoadReport | undefined;
  transform: TransformSummary;
  manifestKey: string | undefined;
  highlights: Highlights | undefined;
}

/** What a step is given beside the session. */
export interface StepContext {
  readonly runId: string;
  readonly progress: Progress;
  /** Tables that are made while the run is extracted. */
  readonly ahead?: TablesAhead;
}

/** How long the lake may take to say what a failed extraction has: it may be the reason for the failure. */
const REPORT_MS = 2_000;

interface StepOutcome {
  readonly outcome: "done" | "adopted" | "skipped";
  readonly detail?: string | undefined;
}

/** What each step does, and notes in the progress. */
export const STEPS: Readonly<
  Record<StepName, (session: Session, context: StepContext) => Promise<StepOutcome>>
> = {
  async extract(session, { runId, progress, ahead }) {
    const adopted = new Set<string>();
    const watched: Session = {
      ...session,
      onEvent(event) {
        if (event.type === "collection.finished" && event.outcome === "adopted")
          adopted.add(event.collection);
        session.onEvent(event);
      },
    };
    try {
      const { outcome, extract: stored, collections } = await extractStep(watched, runId, ahead);
      progress.manifestKey = stored.ref.path;
      progress.collections = collectionSummaries(collections, outcome === "adopted" ? undefined : adopted);
      return outcome === "adopted"
        ? { outcome, detail: "this run was extracted before" }
        : { outcome: "done" };
    } catch (error) {
      // A signal of its own: what is complete is told of an interrupted run, too.
      const signal = AbortSignal.timeout(REPORT_MS);
      const complete = await completeCollections(session.store, runId, signal).catch(() => []);
      progress.collections = collectionSummaries(complete, adopted);
      throw error;
    }
  },
  async normalize(session, { runId, progress, ahead }) {
    const { outcome, tables } = await normalizeStep(session, runId, ahead);
    progress.manifestKey = tables.ref.path;
    if (outcome === "adopted") return { outcome, detail: "this run was normalized before" };
    const reused = tables.document.collections.every((collection) => collection.reused);
    progress.normalized = !reused;
    return { outcome: "done", detail: reused ? "all tables are the same as before" : undefined };
  },
  async load(session, { runId, progress }) {
    const report = await loadStep(session, runId);
    progress.load = report;
    if (report.outcome === "already-loaded")
      return { outcome: "adopted", detail: "this run was loaded before" };
    if (report.outcome === "superseded")
      return { outcome: "skipped", detail: "the warehouse has a newer extraction" };
    return { outcome: "done" };
  },
  async transform(session, { runId, progress }) {
    progress.transform = await transformStep(session, runId, (built) => {
      progress.transform = { status: "failed", ...built };
    });
    return {
      outcome: progress.transform.status === "skipped" ? "skipped" : "done",
      detail: progress.transform.reason,
    };
  },
};
