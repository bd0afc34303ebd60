import { describe, expect, test } from "vitest";
import { bigqueryLoader } from "@spacex-etl/warehouse-loaders/bigquery";
import { loadRun } from "@spacex-etl/warehouse-loaders";
import { clientOf } from "../bigquery/index.ts";
import {
  aBook,
  afterFirst,
  APPLY,
  errorOf,
  expectSecond,
  LOAD,
  openScene,
  POST_JOB,
} from "./bigquery-scene.ts";
import { LOCATION, sharedGcs, PROJECT } from "./bigquery-target.ts";

const gcs = sharedGcs();

describe("what is sent is what was planned", () => {
  test("one job for all tables' DDL, one load job per table, one transaction; none of them when nothing changed", async () => {
    await using scene = await openScene(gcs);
    const request = await scene.run(1, [aBook("a"), aBook("b")]);
    await using loader = bigqueryLoader(scene.target.options({ labels: { team: "books" } }));
    const plan = await loader.preflight(request);
    await loadRun(loader, request);
    expect(scene.jobs("load").toSorted()).toEqual([
      "spacex-etl_r1_books__pages_a1",
      "spacex-etl_r1_books_a1",
    ]);
    expect(scene.jobs("query")).toEqual([
      "spacex-etl_r1_schema",
      "spacex-etl_r1_apply_a1",
      "spacex-etl_r1_cleanup",
    ]);
    const textOf = (phase: string) =>
      plan.statements
        .filter((one) => one.phase === phase)
        .map(({ sql }) => `${sql};`)
        .join("\n");
    const sent = scene.target.server.jobs().filter(({ parentJobId }) => parentJobId === null);
    for (const [name, phase] of [
      ["_schema_", "schema"],
      ["_apply_", "transaction"],
      ["_cleanup_", "cleanup"],
    ] as const) {
      const job = sent.find(({ jobId }) => jobId.includes(name));
      expect(job?.configuration).toMatchObject({
        query: { query: textOf(phase) },
        labels: { team: "books", spacex_etl_run: "r1" },
      });
    }
    const stages = plan.statements
      .filter(({ phase }) => phase === "stage")
      .map(({ sql }) => JSON.parse(sql) as object);
    const loads = sent
      .filter(({ kind }) => kind === "load")
      .map(({ configuration }) => ({ load: configuration["load"] }));
    expect(loads).toEqual(expect.arrayContaining(stages));
    expect(loads).toHaveLength(stages.length);
    const ddl = plan.statements.filter(({ purpose }) => purpose === "ddl");
    expect(new Set(ddl.map(({ table }) => table)).size).toBe(ddl.length);

    const unchanged = { ...request, runId: "r2", manifestSha256: "0".repeat(64) };
    expect((await loader.preflight(unchanged)).statements.map(({ phase }) => phase)).not.toContain("schema");
    await loadRun(loader, unchanged);
    expect(scene.jobs("load")).toHaveLength(2);
    expect(scene.jobs("query").slice(3)).toEqual(["spacex-etl_r2_apply_a1"]);
    const before = scene.target.server.requests().length;
    expect((await loadRun(loader, unchanged)).outcome).toBe("already-loaded");
    expect(
      scene.target.server
        .requests()
        .slice(before)
        .map(({ path }) => path),
    ).toEqual(["/datasets/raw", "/queries", "/queries"]);
  });

  test("jobs run in another project, with a client and a limit of one's own", async () => {
    await using scene = await openScene(gcs);
    const client = clientOf(scene.target.server.endpoint, PROJECT, { location: LOCATION });
    const options = { client, endpoint: undefined, jobProject: "payer", maximumBytesBilled: 10n ** 12n };
    const report = await scene.load(await scene.run(1, [aBook("a")]), { options });
    expect(report).toMatchObject({ outcome: "loaded", jobs: 2 });
    const apply = scene.target.server.jobs().find(({ jobId }) => APPLY.test(jobId));
    expect(apply?.configuration).toMatchObject({ query: { maximumBytesBilled: "1000000000000" } });
    await expect(client.job(apply!.jobId, { projectId: PROJECT }).getMetadata()).rejects.toMatchObject({
      code: 404,
    });
  });
});

describe("a job whose answer is lost", () => {
  test.each([
    ["load", "reset-before", LOAD],
    ["load", "reset-after", LOAD],
    ["schema", "reset-after", /_schema_/],
    ["apply", "reset-before", APPLY],
    ["apply", "reset-after", APPLY],
  ] as const)("%s, %s: it is looked up, and done once", async (_, kind, body) => {
    const { scene, second } = await afterFirst(gcs);
    await using _scene = scene;
    await scene.target.execute(`DROP TABLE ${scene.target.name("_transforms")}`);
    scene.target.server.inject({ ...POST_JOB, body, fault: { kind } });
    const report = await scene.load(second);
    expect(report).toMatchObject({ outcome: "loaded", jobs: 2 });
    expect(report.tables[0]?.counts).toEqual({
      rows: 2,
      inserted: 1,
      updated: 1,
      undeleted: 0,
      deleted: 1,
      unchanged: 0,
    });
    await expectSecond(scene);
    expect(scene.jobs("load").filter((id) => id.includes("_r2_"))).toHaveLength(2);
    expect(scene.jobs("query").filter((id) => id.includes("_r2_apply"))).toHaveLength(1);
    expect(scene.target.server.requests().filter(({ status }) => status === null)).toHaveLength(1);
  });

  test("requests that are answered late or not at all are tried again, for a while", async () => {
    await using scene = await openScene(gcs);
    scene.target.server.inject({ fault: { kind: "reset-before" }, method: "GET", times: 2 });
    scene.target.server.inject({
      fault: { kind: "error", reason: "backendError" },
      path: /\/tables$/,
      times: 2,
    });
    scene.target.server.inject({ fault: { kind: "reset-after" }, path: /\/tables$/ });
    const retries: string[] = [];
    await scene.load(await scene.run(1, [aBook("a")]), {
      onEvent: (event) => {
        if (event.type === "retry") retries.push(event.what);
      },
    });
    expect(retries.length).toBeGreaterThanOrEqual(5);
    expect(await scene.live()).toEqual(["a"]);
    await scene.target.server.close();
    expect(await errorOf(scene.load(await scene.run(2, [])))).toMatchObject({
      code: "WAREHOUSE_UNREACHABLE",
      exitCode: 8,
      retryable: true,
    });
  });
});
