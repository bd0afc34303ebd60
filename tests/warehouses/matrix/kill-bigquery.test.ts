import { openBigQueryWorld, expectJobsOnce, requestsOf } from "../harness/bigquery-world.ts";
import { killAtCall, pointsOfCalls } from "../harness/kill-at-calls.ts";
import { testKills } from "../harness/kill-suite.ts";
import type { BigQueryTarget } from "../loaders/bigquery-target.ts";

/** How long jobs stay PENDING and RUNNING, so that some outlive the process that started them, in ms. */
const DELAYS = [0, 0, 30, 120] as const;

testKills<BigQueryTarget>("BigQuery", async () => {
  const world = await openBigQueryWorld();
  return {
    atOnce: 3,
    open: world.open,
    points: (target, job) => pointsOfCalls(requestsOf(target.server), target, job),
    matters: (point) => / (apply|load )/.test(point),
    async kill(target, job, point, next) {
      const delay = () => DELAYS[Math.floor(next() * DELAYS.length)] ?? 0;
      Object.assign(target.server.delays, { pendingMs: delay(), runningMs: delay() });
      return await killAtCall(requestsOf(target.server), target, job, point, next);
    },
    expectOneEffect({ server }, { loads }, where) {
      expectJobsOnce(server, loads, where);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
});
