import type { TableCounts } from "../ledger/load-report.ts";

/** The steps of a run, in order. */
export type StepName = "extract" | "normalize" | "load" | "transform";

/**
 * What happens during a run, in order. A runner turns events into a display or log lines; nothing depends on whether
 * somebody listens. Times are in milliseconds, sizes in bytes.
 */
export type RunEvent =
  | { readonly type: "run.started"; readonly runId: string; readonly steps: readonly StepName[] }
  | {
      readonly type: "run.finished";
      readonly runId: string;
      readonly exitCode: number;
      readonly durationMs: number;
    }
  | { readonly type: "step.started"; readonly step: StepName; readonly collections?: readonly string[] }
  | {
      readonly type: "step.finished";
      readonly step: StepName;
      /** `adopted`: an earlier process had already committed it under this run id. */
      readonly outcome: "done" | "adopted" | "skipped" | "failed";
      readonly durationMs: number;
      readonly detail?: string;
    }
  | { readonly type: "collection.started"; readonly step: StepName; readonly collection: string }
  | {
      readonly type: "collection.progress";
      readonly collection: string;
      /** Totals of this collection so far. */
      readonly records: number;
      readonly bytes: number;
    }
  | {
      readonly type: "collection.finished";
      readonly step: StepName;
      readonly collection: string;
      readonly records: number;
      readonly bytes: number;
      readonly outcome: "written" | "unchanged" | "adopted" | "failed";
    }
  | {
      readonly type: "retry";
      readonly what: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  | { readonly type: "table.loaded"; readonly table: string; readonly counts: TableCounts }
  | { readonly type: "warning"; readonly code: string; readonly message: string }
  | { readonly type: "info"; readonly message: string };

/** Told of what happens while it happens. It must not throw. */
export type OnEvent = (event: RunEvent) => void;

/**
 * Called with a stable name before and after every effect that survives a crash (an object created, a transaction
 * committed). Tests end the process there; without one it costs a function call.
 */
export type Checkpoint = (name: string) => void | Promise<void>;
