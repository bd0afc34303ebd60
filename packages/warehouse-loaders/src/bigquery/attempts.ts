import { type Api, backOff, type CallContext } from "./api.ts";
import { type BigQueryFailure, jobFailure } from "./failure.ts";
import type { JobState } from "./job.ts";
import type { Jobs, NewJob, StartedJob } from "./jobs.ts";

/** Work that is done by one job, or if it fails by the next with another number in its id. */
export interface Work extends Omit<NewJob, "id"> {
  idOf(attempt: number): string;
  /** Before each attempt. */
  prepare?(): Promise<void>;
  /** Whether what a job that another process finished once made is still there. */
  holds(state: JobState): Promise<boolean>;
  /**
   * Looks at what a job that ran now failed with, before it is tried again; throws what ends the work. "wait": again for as
   * long as `patienceMs`, however often.
   */
  judge?(failure: BigQueryFailure, failures: number): Promise<"again" | "wait" | undefined>;
  readonly patienceMs?: number;
}

/** Of jobs that ran now. */
const MAX_FAILURES = 5;
/** Of ids that are taken by jobs of earlier processes. */
const MAX_ATTEMPTS = 1_000;

/**
 * Runs the job of the first free number. One that is there already is waited for and counts, whoever started it, unless it
 * failed or what it made is gone.
 *
 * @throws EtlError
 */
export async function work(api: Api, jobs: Jobs, task: Work, context: CallContext): Promise<StartedJob> {
  const { what, configuration, upload, patienceMs = 0 } = task;
  const patient = performance.now() + patienceMs;
  let failures = 0;
  let waits = 0;
  for (let attempt = 1; ; attempt += 1) {
    await task.prepare?.();
    const id = task.idOf(attempt);
    const started = await jobs.start({ id, what, configuration, upload }, context);
    const ran = !(started.adopted && started.state.done);
    const state = ran ? await jobs.finish(started.state, what, context) : started.state;
    if (state.error === undefined) {
      if (!started.adopted || (await task.holds(state))) return { state, adopted: started.adopted };
      if (attempt < MAX_ATTEMPTS) continue;
    }
    const failure = jobFailure(id, state.error);
    // An earlier process's failure, or that somebody who no longer wanted it cancelled his own, says nothing about ours.
    const foreign = !ran || (started.adopted && failure.facts.reason === "stopped");
    const verdict = foreign ? "again" : await task.judge?.(failure, failures + 1);
    const waiting = verdict === "wait" && performance.now() < patient;
    if (waiting) waits += 1;
    else if (ran) failures += 1;
    const again = waiting || (verdict === undefined ? api.mayRetry(failure) : verdict === "again");
    if (!again || failures > MAX_FAILURES || attempt >= MAX_ATTEMPTS) throw api.error(failure, what);
    if (ran) await backOff(what, failures + waits, failure, context);
  }
}
