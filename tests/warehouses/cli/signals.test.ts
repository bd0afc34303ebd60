import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { showLogOfFailures } from "../../lakes/harness/bucket.ts";
import { type CloudSite, ENGINES, openCloudSite } from "./harness/cloud-site.ts";

describe.each(ENGINES)("SIGTERM while %s loads", (engine) => {
  let cloud: CloudSite;

  beforeAll(async () => {
    cloud = await openCloudSite(engine, { collections: "crew" });
  });
  afterAll(() => cloud?.[Symbol.asyncDispose]());
  showLogOfFailures(() => cloud.bucket);

  test("stops the process, not the run: the same run id goes on, and nothing is loaded twice", async () => {
    const first = await cloud.site.step("run --run-id r1");
    expect(first.code, first.output).toBe(0);
    const release = await cloud.hold();
    cloud.forget();
    const started = cloud.site.simulator.requests.length;
    const stopped = await cloud.elsewhere("run --run-id r2 --json", {
      env: { SPACEX_ETL_COLLECTIONS: "company" },
      kill: { signal: "SIGTERM", when: cloud.isLoading },
    });
    await release();
    expect({ code: stopped.code, signal: stopped.signal }, stopped.output).toEqual({
      code: 143,
      signal: null,
    });
    expect(JSON.parse(stopped.stdout)).toMatchObject({ status: "interrupted", runId: "r2", exitCode: 143 });
    expect(cloud.site.simulator.requests.length).toBeGreaterThan(started);

    const again = await cloud.elsewhere("run --run-id r2 --json", {
      env: { SPACEX_ETL_COLLECTIONS: "company" },
    });
    expect(again.code, again.output).toBe(0);
    expect(await cloud.rows("company", ["_run_id"])).toEqual([{ _run_id: "r2" }]);
    const ledger = (await cloud.rows("_loads", ["run_id"])).map(({ run_id }) => run_id).toSorted();
    expect(ledger).toEqual(["r1", "r2"]);
  });
});
