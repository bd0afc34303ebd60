import { parseConfig, type RunReport } from "@spacex-etl/pipeline";
import { expect, test } from "vitest";
import { styleFor } from "../terminal/index.ts";
import { nextCommands } from "./next-commands.ts";
import { renderRunReport } from "./run-report.ts";

const LAKE = "s3://ada-lake/spacex?region=eu-central-1&endpoint=http://127.0.0.1:7070&pathStyle=true";

const report: RunReport = {
  runId: "r1",
  status: "ok",
  exitCode: 0,
  durationMs: 1200,
  collections: [],
  tables: [{ name: "crew", rows: 30, inserted: 30, updated: 0, deleted: 0, unchanged: 0 }],
  transform: { status: "off" },
  lake: LAKE,
  warehouse: "/srv/ada/w.duckdb",
  manifest: "s3://ada-lake/spacex/runs/r1/tables.json",
};

function configOf(flags: Record<string, string>, env: Record<string, string> = {}) {
  return parseConfig({ command: "run", flags: { api: "live", ...flags }, env, cwd: "/srv/ada" });
}

test("what is proposed leads to the same bucket, with all its parameters", () => {
  const commands = nextCommands(report, configOf({ lake: LAKE }), {}).map(({ command }) => command);
  expect(commands[0]).toBe(`spacex-etl files crew --api live --lake '${LAKE}'`);
  const named = nextCommands(report, configOf({}, { LAKE_URL: LAKE }), {});
  expect(named[0]?.command).toBe("spacex-etl files crew --api live");
});

test("people see the bucket without its parameters, and the manifest's address", () => {
  const env = { NO_COLOR: "1" };
  const style = styleFor({ write: () => true }, env);
  const lines = renderRunReport(report, {
    config: configOf({}, { LAKE_URL: LAKE }),
    env,
    style,
    columns: 80,
  });
  expect(lines).toContain("  lake      s3://ada-lake/spacex");
  expect(lines).toContain("  manifest  s3://ada-lake/spacex/runs/r1/tables.json");
});
