import { EtlError } from "@spacex-etl/contracts";
import { abortError, throwIfAborted } from "../loader/load-run.ts";
import { type Api, backOff, type CallContext, pause } from "./api.ts";
import { BigQueryFailure, field, jobFailure } from "./failure.ts";
import { type JobState, jobState, sameWork } from "./job.ts";
import type { BigQuerySettings } from "./options.ts";

/** A job that is started under an id of ours. */
export interface NewJob {
  readonly id: string;
  /** For messages: `load orders`. */
  readonly what: string;
  /** `{load: …}` or `{query: …}`. */
  readonly configuration: object;
  /** A local file that is sent along. */
  readonly upload?: Uint8Array | undefined;
}

export interface StartedJob {
  readonly state: JobState;
  /** Another process started it, or an earlier one of ours that died. */
  readonly adopted: boolean;
}

/** Jobs by their ids: an id is used once, so what became of a lost answer can always be looked up. */
export interface Jobs {
  /** Starts it, or finds the one that has its id. @throws EtlError; JOB_MISMATCH if that does other work. */
  start(job: NewJob, context: CallContext): Promise<StartedJob>;
  /** The job with an error or without, when it is done. A signal cancels it, if it is ours. @throws EtlError. */
  finish(started: JobState, what: string, context: CallContext): Promise<JobState>;
  /** Cancels it, if it is ours, and learns what became of it before the deadline. "failed": it will have no effect. */
  resolve(id: string, what: string, deadline: AbortSignal): Promise<"succeeded" | "failed" | "unknown">;
  /** Waits for its end, until the deadline. @throws EtlError. */
  glance(id: string, what: string, deadline: AbortSignal): Promise<void>;
}

const TRIES = 6;
/** In milliseconds; grows by this factor up to the longest. */
const FIRST_LOOK = 100;
const LOOK_GROWTH = 1.6;
const LONGEST_LOOK = 5_000;
/** The service may end a job a little after its time. */
const GRACE_MS = 60_000;
/** An accepted job may be unknown to those who look for it so long. */
const VISIBLE_MS = 60_000;

export function openJobs(api: Api, settings: BigQuerySettings, location: string): Jobs {
  const path = `${settings.jobProject}/jobs`;
  /** Tells our jobs from others of the same id, whatever happened to the answers. */
  const own = crypto.randomUUID();
  /** Ids of jobs that were sent and may have been accepted. */
  const sent = new Set<string>();

  const find = async (id: string, what: string, context: CallContext): Promise<JobState | null> => {
    const request = { method: "GET", path: `${path}/${id}`, query: { location } } as const;
    const answer = await api.find(what, request, context, 404);
    return answer === null ? null : jobState(id, answer);
  };
  const isOurs = ({ configuration }: JobState) =>
    field(field(configuration, "labels"), "spacex_etl_process") === own;
  const adopt = (job: NewJob, state: JobState): StartedJob => {
    const adopted = !isOurs(state);
    if (adopted && !sameWork(job.configuration, state.configuration)) throw mismatch(job);
    return { state, adopted };
  };
  const cancel = async (state: JobState, signal?: AbortSignal): Promise<void> => {
    // Another process may be waiting for its own.
    if (state.done || !isOurs(state)) return;
    const { id } = state;
    const request = { method: "POST", path: `${path}/${id}/cancel`, query: { location } } as const;
    await api.once({ ...request, body: {}, timeoutMs: 2_000, signal }).catch(() => undefined);
  };
  /** A job that is known to exist; null if it is not shown in time. */
  const seek = async (id: string, what: string, context: CallContext): Promise<JobState | null> => {
    const ends = performance.now() + VISIBLE_MS;
    for (let wait = FIRST_LOOK; ; wait = Math.min(LONGEST_LOOK, wait * LOOK_GROWTH)) {
      const state = await find(id, what, context);
      if (state !== null || performance.now() > ends) return state;
      await pause(wait, context.signal);
    }
  };

  return {
    start: async (job, context) => {
      const { id, what, configuration, upload } = job;
      const body = {
        jobReference: { projectId: settings.jobProject, jobId: id, location },
        configuration: {
          ...configuration,
          labels: { ...labelsOf(configuration), spacex_etl_process: own },
          jobTimeoutMs: String(settings.jobTimeoutMs),
        },
      };
      for (let attempt = 1; ; attempt += 1) {
        throwIfAborted(context.signal);
        const first = !sent.has(id);
        sent.add(id);
        try {
          const request = { method: "POST", path, body, upload, signal: context.signal } as const;
          return { state: jobState(id, await api.once(request)), adopted: false };
        } catch (error) {
          if (!(error instanceof BigQueryFailure)) throw error;
          const { step, status = 0 } = error.facts;
          if (status === 409) {
            const state = await seek(id, what, context);
            if (state === null) throw api.error(error, what);
            return adopt(job, state);
          }
          const lost = step === "network" || status >= 500 || status === 408;
          if (first && !lost) sent.delete(id);
          const ends = attempt >= TRIES || !api.mayRetry(error);
          if (!ends) await backOff(what, attempt, error, context);
          // It may have been accepted: looked up, never sent again before that.
          const state = lost ? await find(id, what, context) : null;
          if (state !== null) return adopt(job, state);
          if (ends) throw api.error(error, what);
        }
      }
    },
    finish: async (started, what, context) => {
      const { signal } = context;
      const begun = performance.now();
      const ends = begun + settings.jobTimeoutMs + GRACE_MS;
      let state = started;
      let wait = FIRST_LOOK;
      try {
        while (!state.done) {
          if (performance.now() > ends) {
            void cancel(state);
            throw api.error(
              jobFailure(state.id, { reason: "timeout", message: "the job did not end in time" }),
              what,
            );
          }
          await pause(wait * (0.75 + Math.random() / 4), signal);
          wait = Math.min(LONGEST_LOOK, wait * LOOK_GROWTH);
          const seen = await find(state.id, what, context);
          if (seen === null && performance.now() > begun + VISIBLE_MS) {
            throw api.error(
              jobFailure(state.id, { reason: "backendError", message: "the service does not show the job" }),
              what,
            );
          }
          state = seen ?? state;
        }
      } catch (error) {
        if (signal?.aborted !== true) throw error;
        await cancel(state);
        throw abortError(signal);
      }
      return state;
    },
    glance: async (id, what, signal) => {
      for (let wait = FIRST_LOOK; ; wait *= LOOK_GROWTH) {
        await pause(wait, signal);
        if ((await find(id, what, { signal }))?.done === true) return;
      }
    },
    resolve: async (id, what, signal) => {
      for (let cancelled = false; ;) {
        const state = await find(id, what, { signal }).catch(() => undefined);
        if (state?.done === true) return state.error === undefined ? "succeeded" : "failed";
        if (state === null && !sent.has(id)) return "failed";
        if (state === undefined || signal.aborted) return "unknown";
        if (state !== null && !cancelled) await cancel(state, signal);
        cancelled ||= state !== null;
        await pause(FIRST_LOOK, undefined);
      }
    },
  };
}

function labelsOf(configuration: object): object {
  const labels = field(configuration, "labels");
  return typeof labels === "object" && labels !== null ? labels : {};
}

function mismatch({ id, what }: NewJob): EtlError {
  return new EtlError({
    kind: "integrity",
    code: "JOB_MISMATCH",
    message: `Cannot ${what}: the job ${id} exists and does something else.`,
    hint: "Its id has the run and its manifest: two lakes use the same run id, or the lake was moved. Use a new run id.",
    details: { jobId: id },
  });
}
