import { describe, expect, test } from "vitest";
import { afterFirst, APPLY, errorOf, expectSecond, LOAD, POST_JOB } from "./bigquery-scene.ts";
import { sharedGcs } from "./bigquery-target.ts";

const gcs = sharedGcs();

describe("a job that was accepted and is not shown yet", () => {
  test.each([
    ["load", LOAD, false],
    ["schema", /_schema_/, false],
    ["apply", APPLY, false],
    // More often than a request is tried.
    ["apply, its answer lost", APPLY, true],
  ])("%s: it is waited for, and done once", async (_, body, lost) => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    await scene.target.execute(`DROP TABLE ${scene.target.name("_transforms")}`);
    scene.target.server.inject({
      ...POST_JOB,
      body,
      fault: { kind: "job-hidden", gets: lost ? 6 : 3, lost },
    });
    expect(await scene.load(second)).toMatchObject({ outcome: "loaded", jobs: 2 });
    expect(scene.jobs("load").filter((id) => id.includes("_r2_"))).toHaveLength(2);
    expect(scene.jobs("query").filter((id) => id.includes("_r2_apply"))).toEqual(["spacex-etl_r2_apply_a1"]);
    await expectSecond(scene);
  });

  test("a load that is stopped meanwhile does not say that nothing happened", async () => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    const fault = { kind: "job-hidden", gets: 1_000, lost: true } as const;
    scene.target.server.inject({ ...POST_JOB, body: APPLY, fault });
    const stop = new AbortController();
    const load = scene.load(second, {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === "retry") stop.abort();
      },
    });
    expect(await errorOf(load)).toMatchObject({ code: "COMMIT_UNKNOWN", exitCode: 130, retryable: true });
    expect((await scene.load(second)).outcome).toBe("already-loaded");
    expect(await scene.live()).toEqual(["a", "c"]);
  });

  test("a load that is stopped before its transaction is sent has changed nothing, and says so at once", async () => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    const fault = { kind: "error", reason: "rateLimitExceeded" } as const;
    scene.target.server.inject({ ...POST_JOB, body: APPLY, fault, times: 9 });
    const stop = new AbortController();
    const load = scene.load(second, {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === "retry") stop.abort();
      },
    });
    expect(await errorOf(load)).toMatchObject({ code: "LOAD_ABORTED", exitCode: 130 });
    expect(await scene.live()).toEqual(["a", "b"]);
  });
});

describe("a load that is committed", () => {
  test("its report cannot be read: the error says that it is committed", async () => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    const load = scene.load(second, {
      checkpoint: (name) => {
        if (name !== "load.after-commit") return;
        const fault = { kind: "error", reason: "accessDenied" } as const;
        scene.target.server.inject({ method: "POST", path: /^\/queries$/, fault });
      },
    });
    expect(await errorOf(load)).toMatchObject({ code: "LOAD_COMMITTED", exitCode: 8, retryable: true });
    expect((await scene.load(second)).outcome).toBe("already-loaded");
    await expectSecond(scene);
  });

  test("stopped after the commit, with a service that is silent, it ends in time and waits for no cleanup", async () => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    const { hooks } = scene.target.server;
    const silence = Promise.withResolvers<void>();
    const stop = new AbortController();
    const load = scene.load(second, {
      signal: stop.signal,
      checkpoint: (name) => {
        if (name !== "load.after-commit") return;
        hooks.beforeRequest = () => silence.promise;
        stop.abort();
      },
    });
    const error = await errorOf(load);
    hooks.beforeRequest = null;
    silence.resolve();
    expect(error).toMatchObject({ code: "LOAD_COMMITTED", exitCode: 130 });
    expect(scene.jobs("query").filter((id) => id.includes("_r2_cleanup"))).toEqual([]);
    expect(await scene.live()).toEqual(["a", "c"]);
  });
});
