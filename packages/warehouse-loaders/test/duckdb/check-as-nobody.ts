import { loadRun } from "../../src/index.ts";
import { duckdbLoader } from "../../src/duckdb/index.ts";
import { toEtlError } from "@spacex-etl/contracts";
import "@duckdb/node-api";

// Gives up root and reports what check, and then a load without collections, say to the paths given as arguments.
process.setgid!(65_534);
process.setuid!(65_534);
const outcomes: string[] = [];
for (const path of process.argv.slice(2)) {
  await using loader = duckdbLoader({ path });
  const request = {
    runId: "r1",
    source: "shop",
    manifestSha256: "0".repeat(64),
    extractedAt: "2026-01-01T00:00:00.000Z",
    collections: [],
  };
  for (const attempt of [loader.check(), loader.check().catch(() => loadRun(loader, request))]) {
    outcomes.push(
      await attempt.then(
        () => "ok",
        (error: unknown) => `${toEtlError(error).code} ${toEtlError(error).exitCode}`,
      ),
    );
  }
}
process.stdout.write(JSON.stringify(outcomes));
