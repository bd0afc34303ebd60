import * as pipeline from "@spacex-etl/pipeline";
import { main } from "@spacex-etl/runner-local";
import { recordCommand, simulateCommand } from "@spacex-etl/spacex-simulator";

const exitCode = await main({
  argv: ["run", "--collections", "rockets,launchpads", "--no-transform"],
  env: { SPACEX_API_URL: process.env["SPACEX_API_URL"] },
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  commands: { ...pipeline, simulate: simulateCommand, record: recordCommand },
  version: "1.0.0",
  signal: AbortSignal.timeout(60_000),
});

console.log(`The command line ended with ${exitCode}.`);
