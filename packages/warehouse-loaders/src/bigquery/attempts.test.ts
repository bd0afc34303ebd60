import { beforeEach, expect, test, vi } from "vitest";
import { openApi } from "./api.ts";
import { work } from "./attempts.ts";
import type { JobState } from "./job.ts";
import type { Jobs, StartedJob } from "./jobs.ts";

let waited = 0;
vi.mock("node:timers/promises", () => ({
  setTimeout: (ms: number) => {
    waited += ms;
    return Promise.resolve();
  },
}));
beforeEach(() => {
  waited = 0;
});

const api = openApi(() => Promise.reject(new Error("nothing is sent")), { place: "p.raw", jobProject: "p" });
const done = (id: string, error?: object): JobState => ({
  id,
  done: true,
  error,
  configuration: {},
  load: undefined,
});
const task = {
  what: "load orders",
  configuration: {},
  idOf: (attempt: number) => `a${attempt}`,
  holds: () => Promise.resolve(true),
};

/** Jobs that are accepted as told and end as told, by attempt. */
function jobsOf(ends: (attempt: number) => { readonly error?: object; readonly adopted?: boolean }): Jobs {
  const attemptOf = (id: string) => Number(id.slice(1));
  return {
    start: ({ id }) => {
      const { adopted = false } = ends(attemptOf(id));
      return Promise.resolve<StartedJob>({ state: { ...done(id), done: false }, adopted });
    },
    finish: ({ id }) => Promise.resolve(done(id, ends(attemptOf(id)).error)),
    resolve: () => Promise.resolve("unknown"),
    glance: () => Promise.resolve(),
  };
}

const CONCURRENT = { reason: "invalidQuery", message: "aborted due to concurrent update against table t" };

test("an adopted job that its owner cancels is done by the next attempt; one of ours that is cancelled ends it", async () => {
  const stopped = { reason: "stopped", message: "Job execution was cancelled" };
  const jobs = (adopted: boolean) => jobsOf((attempt) => (attempt === 1 ? { error: stopped, adopted } : {}));
  expect((await work(api, jobs(true), task, {})).state.id).toBe("a2");
  await expect(work(api, jobs(false), task, {})).rejects.toMatchObject({ code: "JOB_CANCELLED" });
});

test("who loses against another transaction waits by time, not by attempts", async () => {
  const patient = { ...task, judge: () => Promise.resolve("wait" as const), patienceMs: 60_000 };
  const jobs = jobsOf((attempt) => (attempt <= 30 ? { error: CONCURRENT } : {}));
  expect((await work(api, jobs, patient, {})).state.id).toBe("a31");
  // Steps of half to whole 1, 2, 4, 8 s, then of at most 16.
  expect(waited).toBeGreaterThan(25 * 8_000);
  expect(waited).toBeLessThan(30 * 16_000);
  await expect(work(api, jobs, { ...patient, patienceMs: 0 }, {})).rejects.toMatchObject({
    code: "WAREHOUSE_CHANGED",
  });
});

test("a signal ends the wait", async () => {
  const stop = new AbortController();
  const jobs = jobsOf((attempt) => {
    if (attempt === 3) stop.abort();
    return { error: CONCURRENT };
  });
  const patient = { ...task, judge: () => Promise.resolve("wait" as const), patienceMs: 60_000 };
  await expect(work(api, jobs, patient, { signal: stop.signal })).rejects.toMatchObject({
    code: "LOAD_ABORTED",
  });
});
