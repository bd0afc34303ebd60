import { parseConfig, run } from "@spacex-etl/pipeline";

const config = parseConfig({
  command: "run",
  flags: { collections: "launches,rockets", lake: "lake", warehouse: "spacex.duckdb", "no-transform": true },
  env: { SPACEX_API_URL: process.env["SPACEX_API_URL"] ?? "embedded" },
  cwd: process.cwd(),
});

const report = await run(config, {
  onEvent(event) {
    if (event.type === "step.finished") console.log(`${event.step}: ${event.outcome}`);
    if (event.type === "retry") console.log(`${event.what}: again, because ${event.reason}`);
  },
});

for (const { name, rows, inserted } of report.tables) console.log(`${name}: ${rows} rows, ${inserted} new`);
if (report.error !== undefined) console.error(`${report.error.code}: ${report.error.message}`);
process.exitCode = report.exitCode;
