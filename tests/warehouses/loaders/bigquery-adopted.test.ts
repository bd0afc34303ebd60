import { describe, expect, test } from "vitest";
import { afterFirst, APPLY, errorOf, expectSecond, stagesOf } from "./bigquery-scene.ts";
import { sharedGcs } from "./bigquery-target.ts";

const gcs = sharedGcs();

describe("a job that is there already", () => {
  test("a load that another process finished is used, not run again", async () => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    const stop = new Error("killed");
    const killed = scene.load(second, {
      checkpoint: (name) => {
        if (name === "load.before-commit") throw stop;
      },
    });
    await expect(killed).rejects.toBe(stop);
    expect(await stagesOf(scene.target.server.endpoint)).toHaveLength(2);
    expect(await scene.load(second)).toMatchObject({ outcome: "loaded", jobs: 2 });
    expect(scene.jobs("load").filter((id) => id.includes("_r2_"))).toHaveLength(2);
    await expectSecond(scene);
  });

  test("its stage is gone: the next attempt loads it again", async () => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    const killed = scene.load(second, {
      checkpoint: (name) => {
        if (name === "load.reconcile") throw new Error("killed");
      },
    });
    await expect(killed).rejects.toThrow("killed");
    const stage = (await stagesOf(scene.target.server.endpoint)).find((name) => !name.includes("pages"));
    await scene.target.execute(`DROP TABLE ${scene.target.name(stage!)}`);
    await scene.load(second);
    expect(scene.jobs("load").filter((id) => id.includes("_r2_books_a"))).toEqual([
      "spacex-etl_r2_books_a1",
      "spacex-etl_r2_books_a2",
    ]);
    await expectSecond(scene);
  });

  test("a transaction that a killed process left running is waited for", async () => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    const { hooks } = scene.target.server;
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    hooks.beforeStatement = async (jobId, text) => {
      if (!APPLY.test(jobId) || !text.startsWith("COMMIT")) return;
      reached.resolve();
      await gate.promise;
    };
    const first = scene.load(second);
    await reached.promise;
    const other = scene.load(second, {
      checkpoint: (name) => {
        if (name === "load.apply") setTimeout(() => gate.resolve(), 200);
      },
    });
    const outcomes = (await Promise.all([first, other])).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["loaded", "already-loaded"]);
    expect(scene.jobs("query").filter((id) => id.includes("_r2_apply"))).toHaveLength(1);
    await expectSecond(scene);
  });

  test("who waits for another's transaction and is stopped does not stop that one", async () => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    scene.target.server.hooks.beforeStatement = async (jobId, text) => {
      if (!APPLY.test(jobId) || !text.startsWith("COMMIT")) return;
      reached.resolve();
      await gate.promise;
    };
    const first = scene.load(second);
    await reached.promise;
    const stop = new AbortController();
    const other = scene.load(second, {
      signal: stop.signal,
      checkpoint: (name) => {
        if (name === "load.before-commit") setTimeout(() => stop.abort(), 400);
      },
    });
    expect(await errorOf(other)).toMatchObject({ code: "COMMIT_UNKNOWN", exitCode: 130, retryable: true });
    gate.resolve();
    expect((await first).outcome).toBe("loaded");
    await expectSecond(scene);
  });

  test("a job of the same id that does other work is an error", async () => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    const killed = scene.load(second, {
      checkpoint: (name) => {
        if (name === "load.reconcile") throw new Error("killed");
      },
    });
    await expect(killed).rejects.toThrow("killed");
    const [collection] = second.collections;
    const moved = collection!.tables.map((table) => ({
      ...table,
      parts: table.parts.map((part) => ({ ...part, uri: part.uri.replace("gs://lake/", "gs://moved/") })),
    }));
    const error = await errorOf(scene.load({ ...second, collections: [{ ...collection!, tables: moved }] }));
    expect(error).toMatchObject({ code: "JOB_MISMATCH", exitCode: 10 });
    expect(await scene.live()).toEqual(["a", "b"]);
  });
});
