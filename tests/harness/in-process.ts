import {
  doctor,
  extract,
  files,
  gc,
  load,
  normalize,
  plan,
  run,
  transform,
  verify,
} from "@spacex-etl/pipeline";
import { main } from "@spacex-etl/runner-local";
import { recordCommand, simulateCommand } from "@spacex-etl/spacex-simulator";
import type { CliOptions, CliResult } from "./cli.ts";

const commands = {
  run,
  extract,
  normalize,
  load,
  transform,
  plan,
  verify,
  files,
  gc,
  doctor,
  simulate: simulateCommand,
  record: recordCommand,
};

/**
 * The command line without a process of its own: the same code from the words to the exit code, without the second that
 * a start costs. Signals, locks between processes and a dbt are for `cli`.
 */
export async function cliInProcess(args: readonly string[], options: CliOptions): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  const code = await main({
    argv: args,
    env: { NO_COLOR: "1", ...options.env },
    cwd: options.cwd,
    stdout: { write: (text) => void (stdout += text) },
    stderr: { write: (text) => void (stderr += text) },
    commands,
    version: "0.0.0",
    signal: new AbortController().signal,
  });
  return { code, signal: null, stdout, stderr, output: `${stdout}\n${stderr}` };
}
