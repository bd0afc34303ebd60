import { bigqueryLoader } from "@spacex-etl/warehouse-loaders/bigquery";
import { describe, expect, test } from "vitest";
import {
  aBook,
  afterFirst,
  APPLY,
  errorOf,
  expectSecond,
  LOAD,
  POST_JOB,
  stagesOf,
} from "./bigquery-scene.ts";
import { sharedGcs } from "./bigquery-target.ts";

const DAY = 86_400_000;

const gcs = sharedGcs();

describe("a job that fails", () => {
  test.each([
    ["load", LOAD],
    ["apply", APPLY],
  ])("%s: the next attempt has another id", async (what, body) => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    scene.target.server.inject({ ...POST_JOB, body, fault: { kind: "job-error", reason: "backendError" } });
    expect(await scene.load(second)).toMatchObject({ outcome: "loaded", jobs: 2 });
    const ids = [...scene.jobs("load"), ...scene.jobs("query")].filter((id) => id.includes("_r2_"));
    expect(ids.filter((id) => id.endsWith("_a2"))).toHaveLength(1);
    expect(ids.find((id) => id.endsWith("_a2"))).toContain(what === "load" ? "_books" : "_apply_");
    await expectSecond(scene);
  });

  test.each([
    ["stopped", LOAD, { code: "JOB_CANCELLED", exitCode: 8, retryable: true }],
    ["stopped", APPLY, { code: "JOB_CANCELLED", exitCode: 8, retryable: true }],
    ["quotaExceeded", LOAD, { code: "WAREHOUSE_QUOTA", exitCode: 5, retryable: true }],
    ["accessDenied", APPLY, { code: "WAREHOUSE_FORBIDDEN", exitCode: 3, retryable: false }],
    ["invalidQuery", APPLY, { code: "WAREHOUSE_REFUSED", exitCode: 8, retryable: false }],
  ])("%s ends the load, and the next one succeeds", async (reason, body, expected) => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    scene.target.server.inject({ ...POST_JOB, body, fault: { kind: "job-error", reason } });
    const error = await errorOf(scene.load(second));
    expect(error).toMatchObject(expected);
    expect(error.hint).toMatch(/\w/);
    expect(await scene.live()).toEqual(["a", "b"]);
    await scene.load(second);
    await expectSecond(scene);
  });

  test("a stage that expires before the transaction is loaded again; nothing is taken for deleted", async () => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    let late = 0;
    const report = await scene.load(second, {
      options: { now: () => new Date(Date.now() + late) },
      checkpoint: (name) => {
        if (name !== "load.before-commit" || late > 0) return;
        late = 8 * DAY;
        scene.target.server.advance(late);
      },
    });
    expect(report.tables[0]?.counts).toMatchObject({ inserted: 1, updated: 1, deleted: 1 });
    expect(scene.jobs("load").filter((id) => id.endsWith("_a2"))).toHaveLength(2);
    await expectSecond(scene);
  });
});

describe("a load that is stopped", () => {
  test.each([
    ["load", LOAD],
    ["apply", APPLY],
  ])("its %s job is cancelled, and the warehouse is as it was", async (_, body) => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    scene.target.server.inject({ ...POST_JOB, body, fault: { kind: "job-hangs" } });
    const stop = new AbortController();
    const load = scene.load(second, { signal: stop.signal });
    const ofRun = () => scene.target.server.jobs().filter(({ jobId }) => jobId.startsWith("spacex-etl_r2_"));
    // The other table's load ends.
    const running = () => ofRun().filter(({ state }) => state !== "DONE").length === 1 && ofRun().length > 1;
    await expect.poll(running, { timeout: 20_000, interval: 150 }).toBe(true);
    const { jobId } = ofRun().find(({ state }) => state !== "DONE")!;
    stop.abort();
    expect(await errorOf(load)).toMatchObject({ code: "LOAD_ABORTED", exitCode: 130 });
    const reason = () => ofRun().find((job) => job.jobId === jobId)?.reason;
    await expect.poll(reason).toBe("stopped");
    expect(await scene.live()).toEqual(["a", "b"]);
    await scene.load(second);
    await expectSecond(scene);
  });

  test("a commit that came first counts", async () => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    const stop = new AbortController();
    scene.target.server.inject({ ...POST_JOB, body: APPLY, fault: { kind: "reset-after" } });
    const report = await scene.load(second, {
      signal: stop.signal,
      onEvent: (event) => {
        // The answer is lost, the job runs on, and now the signal comes.
        if (event.type !== "retry") return;
        const done = setInterval(() => {
          const apply = scene.target.server.jobs().find(({ jobId }) => jobId.includes("_r2_apply"));
          if (apply?.state !== "DONE") return;
          clearInterval(done);
          stop.abort();
        }, 1);
      },
    });
    expect(report.outcome).toBe("loaded");
    // A stop does not wait for the cleanup.
    expect(await stagesOf(scene.target.server.endpoint)).toHaveLength(2);
    await using loader = bigqueryLoader(scene.target.options());
    expect(await loader.sweep!(new Date(Date.now() + DAY))).toHaveLength(2);
    await expectSecond(scene);
  });
});

test("of two runs at once one is told to wait and is planned again", async () => {
  const { scene, second } = await afterFirst(gcs);
  await using _scene = scene;
  const third = await scene.run(3, [aBook("a", "told again"), aBook("c"), aBook("d")]);
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  scene.target.server.hooks.beforeStatement = async (jobId, text) => {
    if (!jobId.includes("_r2_apply") || !text.startsWith("MERGE")) return;
    reached.resolve();
    await gate.promise;
  };
  const first = scene.load(second);
  await reached.promise;
  const other = scene.load(third, {
    onEvent: (event) => {
      if (event.type === "retry") gate.resolve();
    },
  });
  expect((await Promise.all([first, other])).map(({ outcome }) => outcome)).toEqual(["loaded", "loaded"]);
  expect(await scene.live()).toEqual(["a", "c", "d"]);
  expect(await scene.target.read("_loads")).toHaveLength(3);
});
