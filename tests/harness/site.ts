import { join } from "node:path";
import { type RunSummary, runSummarySchema } from "@spacex-etl/pipeline";
import {
  embeddedSnapshot,
  parseFaults,
  type Simulator,
  type SimulatorData,
  startSimulator,
} from "@spacex-etl/spacex-simulator";
import { expect } from "vitest";
import { cli, type CliOptions, type CliResult } from "./cli.ts";
import { cliInProcess } from "./in-process.ts";
import { temporaryFolder } from "./workspace.ts";

/** Enough for most questions: a single object, a list with a child table, and one more; all quick. */
const SMALL = "company,crew,landpads";

export interface SiteOptions {
  /** @default a few small ones */
  readonly collections?: string;
  /** @default the embedded snapshot */
  readonly data?: SimulatorData;
  /** Fault profiles as a person writes them. @default none */
  readonly faults?: string;
  /** Environment of every command, after the site's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Every command in a process of its own. */
  readonly processes?: boolean;
}

export interface StepResult extends CliResult {
  /** The one document on stdout, which fits the schema of summaries to the letter. */
  readonly summary: RunSummary;
}

export interface ReportResult extends CliResult {
  readonly document: Record<string, unknown>;
}

type Extra = Pick<CliOptions, "env" | "kill" | "onStdout">;

/**
 * A folder and an API of one test. All settings come by environment, as in a container; what a test is about stands in
 * the words of its commands.
 */
export interface Site extends AsyncDisposable {
  readonly cwd: string;
  readonly lake: string;
  readonly warehouse: string;
  readonly simulator: Simulator;
  /** `run`, or one of its steps, with `--json`. */
  step(words: string, extra?: Extra): Promise<StepResult>;
  /** Another command, with `--json`. */
  report(words: string, extra?: Extra): Promise<ReportResult>;
  /** For people. */
  plain(words: string, extra?: Extra): Promise<CliResult>;
  setFaults(profiles: string): void;
}

export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const folder = temporaryFolder();
  const cwd = folder.path;
  const simulator = await startSimulator({ data: options.data ?? (await embeddedSnapshot()) });
  const setFaults = (profiles: string): void => simulator.setFaults(parseFaults(profiles));
  setFaults(options.faults ?? "");
  const env = {
    SPACEX_API_URL: simulator.url,
    SPACEX_ETL_SOURCE: "simulated",
    SPACEX_ETL_COLLECTIONS: options.collections ?? SMALL,
    SPACEX_ETL_NO_TRANSFORM: "1",
    ...options.env,
  };
  const start = options.processes === true ? cli : cliInProcess;
  const plain = (words: string, extra: Extra = {}): Promise<CliResult> =>
    start(split(words), { ...extra, cwd, env: { ...env, ...extra.env } });
  return {
    cwd,
    lake: join(cwd, ".spacex-etl", "lake"),
    warehouse: join(cwd, ".spacex-etl", "warehouse.duckdb"),
    simulator,
    plain,
    setFaults,
    async step(words, extra) {
      const result = await plain(`${words} --json`, extra);
      const summary = runSummarySchema.parse(onlyDocument(result));
      expect(onlyDocument(result), "the document has nothing beside its schema").toEqual(summary);
      return { ...result, summary };
    },
    async report(words, extra) {
      const result = await plain(`${words} --json`, extra);
      return { ...result, document: onlyDocument(result) as Record<string, unknown> };
    },
    async [Symbol.asyncDispose]() {
      await simulator.close();
      folder[Symbol.dispose]();
    },
  };
}

function onlyDocument({ stdout, output }: CliResult): unknown {
  try {
    return JSON.parse(stdout) as unknown;
  } catch {
    throw new Error(`stdout does not hold exactly one JSON document:\n${output}`);
  }
}

/** Words between spaces; a word with a space in it is not needed here. */
function split(words: string): string[] {
  return words.split(" ").filter((word) => word !== "");
}

export interface ExpectedFailure {
  readonly exitCode: number;
  readonly code: string;
  /** What the message or the hint must name. */
  readonly says?: RegExp;
}

/** Exit code, code for programs, and for people what happened, where, and what to do next, without a stack. */
export function expectFailure(result: CliResult, expected: ExpectedFailure): void {
  const document = onlyDocument(result) as Partial<RunSummary>;
  expect(document.error, result.output).toMatchObject({ code: expected.code });
  expect({ code: result.code, signal: result.signal }, result.output).toEqual({
    code: expected.exitCode,
    signal: null,
  });
  expect(document.exitCode).toBe(expected.exitCode);
  expect(document.error?.hint, "what to do next").toMatch(/\w{3}/);
  expect(result.stderr).toMatch(/^error \S.*\nwhere [A-Z_]+ \(exit code \d+: .*\n next \S.*$/m);
  expect(result.stderr).toContain(`where ${expected.code} (exit code ${expected.exitCode}: `);
  expect(result.output, "no stack trace").not.toMatch(/^ +at .+/m);
  if (expected.says !== undefined) {
    expect(`${document.error?.message}\n${document.error?.hint}`).toMatch(expected.says);
  }
}
