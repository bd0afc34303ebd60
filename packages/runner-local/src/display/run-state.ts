import type { RunEvent, StepName } from "@spacex-etl/contracts";

export type StepStatus = "waiting" | "running" | "done" | "adopted" | "skipped" | "failed";

export interface StepState {
  readonly name: StepName;
  status: StepStatus;
  startedAt: number;
  durationMs: number;
  detail: string | undefined;
  /** How many collections it works on, where it said so. */
  total: number | undefined;
  /** Collections that have ended, by outcome, and what they hold. */
  finished: number;
  unchanged: number;
  failed: number;
  records: number;
  bytes: number;
  /** Tables that were loaded, and how many of them changed. */
  tables: number;
  changedTables: number;
}

export interface InFlight {
  readonly collection: string;
  readonly startedAt: number;
  records: number;
  bytes: number;
}

/** What the live view shows: all that has happened so far, folded. */
export interface RunState {
  runId: string | undefined;
  steps: StepState[];
  /** In the order in which they began. */
  readonly inFlight: Map<string, InFlight>;
}

export function createRunState(): RunState {
  return { runId: undefined, steps: [], inFlight: new Map() };
}

/** Folds one event in; `now` in milliseconds of any clock. */
export function applyEvent(state: RunState, event: RunEvent, now: number): void {
  switch (event.type) {
    case "run.started":
      state.runId = event.runId;
      state.steps = event.steps.map(newStep);
      break;
    case "step.started": {
      const step = stepOf(state, event.step);
      step.status = "running";
      step.startedAt = now;
      step.total = event.collections?.length;
      state.inFlight.clear();
      break;
    }
    case "step.finished": {
      const step = stepOf(state, event.step);
      step.status = event.outcome;
      step.durationMs = event.durationMs;
      step.detail = event.detail;
      state.inFlight.clear();
      break;
    }
    case "collection.started":
      state.inFlight.set(event.collection, {
        collection: event.collection,
        startedAt: now,
        records: 0,
        bytes: 0,
      });
      break;
    case "collection.progress": {
      const row = state.inFlight.get(event.collection);
      if (row === undefined) break;
      row.records = event.records;
      row.bytes = event.bytes;
      break;
    }
    case "collection.finished": {
      state.inFlight.delete(event.collection);
      const step = stepOf(state, event.step);
      step.finished++;
      step.records += event.records;
      step.bytes += event.bytes;
      if (event.outcome === "unchanged" || event.outcome === "adopted") step.unchanged++;
      if (event.outcome === "failed") step.failed++;
      break;
    }
    case "table.loaded": {
      const step = stepOf(state, "load");
      const { inserted, updated, deleted } = event.counts;
      step.tables++;
      if (inserted + updated + deleted > 0) step.changedTables++;
      break;
    }
    default:
      break;
  }
}

/** The display ends while something runs: it was stopped, or failed without a word. */
export function abandon(state: RunState, now: number): void {
  state.inFlight.clear();
  for (const step of state.steps) {
    if (step.status !== "running") continue;
    step.status = "failed";
    step.durationMs = now - step.startedAt;
  }
}

function stepOf(state: RunState, name: StepName): StepState {
  let step = state.steps.find((candidate) => candidate.name === name);
  if (step === undefined) {
    step = newStep(name);
    state.steps.push(step);
  }
  return step;
}

function newStep(name: StepName): StepState {
  return {
    name,
    status: "waiting",
    startedAt: 0,
    durationMs: 0,
    detail: undefined,
    total: undefined,
    finished: 0,
    unchanged: 0,
    failed: 0,
    records: 0,
    bytes: 0,
    tables: 0,
    changedTables: 0,
  };
}
