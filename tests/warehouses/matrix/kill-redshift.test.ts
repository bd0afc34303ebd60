import { expect } from "vitest";
import { killAtCall, pointsOfCalls } from "../harness/kill-at-calls.ts";
import { testKills } from "../harness/kill-suite.ts";
import { openRedshiftWorld, statementsOf } from "../harness/redshift-world.ts";
import type { RedshiftTarget } from "../loaders/open-redshift-target.ts";

testKills<RedshiftTarget>("Redshift", async () => {
  const world = await openRedshiftWorld();
  const { redshift } = world;
  return {
    // Its hooks are those of all schemas.
    atOnce: 1,
    open: () => Promise.resolve(world.open()),
    async points(target, job) {
      const points = await pointsOfCalls(statementsOf(redshift), target, job);
      redshift.forget();
      return points;
    },
    matters: (point) => / (COMMIT|COPY|INSERT INTO "raw"\."_loads")/.test(point),
    kill: (target, job, point, next) => killAtCall(statementsOf(redshift), target, job, point, next),
    expectOneEffect({ schema }, { request, loaders }, where) {
      // Stages die with their session: each process has to fill them, once.
      const copies = redshift
        .statements()
        .filter(({ sql, kind }) => kind === "copy" && sql.includes(`copy/run=${request.runId}/`));
      redshift.forget();
      const tables = request.collections.flatMap(({ tables }) => tables).filter(({ rows }) => rows > 0);
      const sessions = new Map<number, number>();
      for (const { session } of copies) sessions.set(session, (sessions.get(session) ?? 0) + 1);
      expect(sessions.size, `${where} in ${schema}`).toBeGreaterThan(0);
      expect(sessions.size, `${where} in ${schema}`).toBeLessThanOrEqual(loaders);
      for (const count of sessions.values()) expect(count, where).toBeLessThanOrEqual(tables.length);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
});
