import { collections } from "@spacex-etl/spacex-client/tables";
import { expect, test } from "vitest";
import { contentOf } from "../harness/database.ts";
import { holdDatabase } from "../harness/hold-database.ts";
import { completeOf, expectNothingCommitted, keys } from "../harness/run-files.ts";
import { expectFailure, openSite } from "../harness/site.ts";

/** Schedulers kill 10 s after they asked. */
const GRACE_MS = 8_000;

test.concurrent("SIGTERM in the middle of extract: exit 143 in time; the same run id continues", async () => {
  await using site = await openSite({ processes: true, faults: "latency:600" });
  let asked = 0;
  const when = (): boolean => {
    if (!completeOf(site, "r1").includes("company")) return false;
    asked = performance.now();
    return true;
  };
  const stopped = await site.step("run --run-id r1", { kill: { when, signal: "SIGTERM" } });
  expect(performance.now() - asked, "schedulers do not wait longer").toBeLessThan(GRACE_MS);
  expectFailure(stopped, {
    exitCode: 143,
    code: "TERMINATED",
    says: /Stopped by SIGTERM.*the same run id continues/s,
  });
  expect(stopped.summary).toMatchObject({ runId: "r1", status: "interrupted", tables: [] });
  expect(stopped.summary.collections.map(({ name }) => name)).toEqual(completeOf(site, "r1"));
  expect(stopped.stderr).toContain("spacex-etl run --run-id r1");
  expectNothingCommitted(site);
  const complete = completeOf(site, "r1");
  expect(complete).not.toContain("crew");

  site.setFaults("");
  const before = site.simulator.requests.length;
  const { code, output } = await site.step("run --run-id r1");
  expect(code, output).toBe(0);
  const routes = site.simulator.requests.slice(before).map(({ path }) => path);
  expect(routes).not.toContain(collections.company.route);
  expect(routes).toContain(collections.crew.route);

  await using calm = await openSite();
  await calm.step("run --run-id r1");
  expect(await contentOf(site.warehouse)).toEqual(await contentOf(calm.warehouse));
  expect(keys(site, "raw/")).toEqual(keys(calm, "raw/"));
});

test.concurrent("SIGINT while the API asks to wait: exit 130, without JSON too", async () => {
  await using site = await openSite({ processes: true, faults: "429:all" });
  const when = (): boolean => site.simulator.requests.length >= 3;
  const stopped = await site.plain("extract --run-id r1", { kill: { when, signal: "SIGINT" } });
  expect(stopped.code, stopped.output).toBe(130);
  expect(stopped.stderr).toMatch(/SIGINT: stopping where it can continue later/);
  expect(stopped.stderr).toMatch(
    /^error Stopped by SIGINT\.\nwhere INTERRUPTED \(exit code 130: .*\n next /m,
  );
  expect(stopped.output).not.toMatch(/^ +at /m);
  expectNothingCommitted(site);
});

test.concurrent("SIGTERM while another process has the database: not waited for", async () => {
  await using site = await openSite({ processes: true });
  expect((await site.step("run --run-id r1")).code).toBe(0);
  await using holder = await holdDatabase(site.warehouse);
  const before = await site.step("run --run-id r2 --lock-timeout 0");
  expectFailure(before, {
    exitCode: 5,
    code: "WAREHOUSE_LOCKED",
    says: new RegExp(`process ${holder.pid}\\b`),
  });
  const stopped = await site.step("run --run-id r2 --lock-timeout 120", {
    kill: { afterMs: 3_000, signal: "SIGTERM" },
  });
  expectFailure(stopped, { exitCode: 143, code: "TERMINATED" });
  expect(keys(site, "runs/r2/")).toEqual([]);
});

test.concurrent("simulate prints its address, serves, and stops on SIGTERM with 0", async () => {
  await using site = await openSite({ processes: true });
  let served = false;
  let url = "";
  const ended = site.plain("simulate --port 0 --fault latency:1", {
    onStdout: (text) => {
      url += text;
      if (!url.endsWith("\n") || served) return;
      void fetch(`${url.trim()}/v4/company`).then((answer) => (served = answer.ok));
    },
    kill: { when: () => served, signal: "SIGTERM" },
  });
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
  expect(stderr).toMatch(/^Serving the embedded snapshot\. Interrupt to stop\.$/m);
  expect(served).toBe(true);
  await expect(fetch(stdout.trim())).rejects.toThrow();
});
