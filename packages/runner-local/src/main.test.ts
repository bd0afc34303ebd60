import { EtlError } from "@spacex-etl/contracts";
import { type RunReport, runSummarySchema } from "@spacex-etl/pipeline";
import { describe, expect, test } from "vitest";
import { fakeCommands, report } from "../test/fake-commands.ts";
import { createRecorder } from "../test/fake-terminal.ts";
import type { Commands } from "./commands.ts";
import { main } from "./main.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function start(
  words: string,
  overrides: Partial<Commands> = {},
  options: { readonly env?: Record<string, string>; readonly signal?: AbortSignal } = {},
): Promise<Outcome> {
  const stdout = createRecorder();
  const stderr = createRecorder();
  const code = await main({
    argv: words.split(" ").filter((word) => word !== ""),
    env: options.env ?? {},
    cwd: "/srv/ada",
    stdout,
    stderr,
    commands: fakeCommands(overrides),
    version: "1.2.3",
    signal: options.signal ?? new AbortController().signal,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function returning(changes: Partial<RunReport>): Partial<Commands> {
  return { run: () => Promise.resolve({ ...report, ...changes }) };
}

function throwing(error: unknown): Partial<Commands> {
  return {
    run: (_config, io) => {
      io.onEvent({ type: "run.started", runId: "r9", steps: ["extract"] });
      return Promise.reject(error as Error);
    },
  };
}

describe("the summary", () => {
  test("of a run that changed things", async () => {
    const { code, stdout } = await start("");
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("../test/golden/summary-changed.txt");
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("of a run that changed nothing is short and says so", async () => {
    const { stdout } = await start(
      "",
      returning({
        status: "unchanged",
        durationMs: 840,
        collections: report.collections.map((collection) => ({ ...collection, invalid: 0, drift: [] })),
        tables: report.tables.map((table) => ({
          ...table,
          inserted: 0,
          updated: 0,
          deleted: 0,
          unchanged: table.rows,
        })),
        transform: { status: "skipped", reason: "nothing was loaded since the last successful build" },
      }),
    );
    await expect(stdout).toMatchFileSnapshot("../test/golden/summary-unchanged.txt");
  });

  test("of extract alone shows the collections and what to do next, in the way it was started", async () => {
    const { stdout } = await start(
      "extract --api embedded --lake ./my-lake",
      { extract: () => Promise.resolve({ ...report, tables: [], transform: { status: "off" } }) },
      { env: { SPACEX_ETL_INVOCATION: "npm run spacex-etl --" } },
    );
    await expect(stdout).toMatchFileSnapshot("../test/golden/summary-extract.txt");
  });

  test("of a run by npx proposes npx with the package's name, which works with and without an installation", async () => {
    const extract = () => Promise.resolve({ ...report, tables: [], transform: { status: "off" } as const });
    const { stdout } = await start("extract", { extract }, { env: { npm_lifecycle_event: "npx" } });
    expect(stdout).toContain("npx @spacex-etl/runner-local normalize");
  });

  test("of a run whose transform failed shows the load, then the error", async () => {
    const cause = new EtlError({
      kind: "transform",
      code: "DBT_FAILED",
      message: "dbt build failed: 1 model, 0 tests.",
      hint: "See ./.spacex-etl/dbt/logs/dbt.log.",
    });
    const { code, stdout, stderr } = await start(
      "",
      returning({
        status: "failed",
        exitCode: 9,
        cause,
        transform: {
          status: "failed",
          models: { built: 20, failed: 1, skipped: 6 },
          tests: { passed: 80, warned: 0, failed: 0 },
          durationMs: 4000,
        },
        highlights: undefined,
      }),
    );
    expect(code).toBe(9);
    await expect(`${stdout}=== stderr ===${stderr}`).toMatchFileSnapshot("../test/golden/summary-failed.txt");
  });
});

describe("--json", () => {
  test("puts exactly one document on stdout, without what is only for people", async () => {
    const { stdout, stderr } = await start("--json");
    const document: unknown = JSON.parse(stdout);
    expect(runSummarySchema.strict().parse(document)).toEqual(document);
    expect(document).not.toHaveProperty("highlights");
    expect(stderr).toContain("extract: launches written, 205 records, 560 kB");
  });

  test("also where the words cannot be read, or the command throws", async () => {
    const unread = await start("--json --frob");
    expect(unread.code).toBe(2);
    expect(JSON.parse(unread.stdout)).toMatchObject({
      runId: null,
      status: "failed",
      exitCode: 2,
      error: { code: "UNKNOWN_FLAG", kind: "usage" },
      lake: null,
    });
    const thrown = await start(
      "--json",
      throwing(new EtlError({ kind: "busy", code: "LOCKED", message: "m" })),
    );
    expect(thrown.code).toBe(5);
    const document: unknown = JSON.parse(thrown.stdout);
    expect(runSummarySchema.strict().parse(document)).toMatchObject({
      runId: "r9",
      exitCode: 5,
      error: { code: "LOCKED", hint: null },
      lake: "/srv/ada/.spacex-etl/lake",
    });
  });

  test("of a listing is its own document; without it only the lines are on stdout", async () => {
    const json = await start("files launches --json");
    expect(JSON.parse(json.stdout)).toEqual({
      table: "launches",
      files: ["/lake/tables/launches/part.parquet"],
    });
    expect((await start("files launches")).stdout).toBe("/lake/tables/launches/part.parquet\n");
  });
});

describe("errors", () => {
  test("are three lines: what, where, what next; no stack", async () => {
    const { code, stdout, stderr } = await start("--lakee x");
    expect(code).toBe(2);
    expect(stdout).toBe("");
    await expect(stderr).toMatchFileSnapshot("../test/golden/error-usage.txt");
  });

  test("tell how to continue, with the same words, where that can help", async () => {
    const error = new EtlError({
      kind: "source",
      code: "SOURCE_UNAVAILABLE",
      message: "GET /v5/launches failed 5 times:\n503\u001b[31m.",
      details: { status: 503, requests: 5 },
      cause: new Error("inner"),
    });
    const { stderr } = await start("run --collections cores,launches --run-id r9 --strict", throwing(error));
    await expect(stderr).toMatchFileSnapshot("../test/golden/error-source.txt");
  });

  test("show the stack for a bug, and for every error with SPACEX_ETL_DEBUG=1", async () => {
    const bug = await start("", throwing(new TypeError("x is undefined")));
    expect(bug.code).toBe(70);
    expect(bug.stderr).toContain("TypeError: x is undefined");
    expect(bug.stderr).toMatch(/\n\s+at /);
    const debug = await start("--lakee x", {}, { env: { SPACEX_ETL_DEBUG: "1" } });
    expect(debug.stderr).toMatch(/\n\s+at /);
  });

  test("after a signal are the signal's, whether the command throws or returns", async () => {
    const controller = new AbortController();
    controller.abort(
      new EtlError({ kind: "terminated", code: "TERMINATED", message: "Stopped by SIGTERM." }),
    );
    const { signal } = controller;
    const thrown = await start("--json", throwing(new Error("aborted")), { signal });
    expect(thrown.code).toBe(143);
    expect(JSON.parse(thrown.stdout)).toMatchObject({ status: "interrupted", exitCode: 143 });
    const returned = await start("--json", returning({ status: "failed", exitCode: 4 }), { signal });
    expect(returned.code).toBe(143);
    expect(JSON.parse(returned.stdout)).toMatchObject({
      status: "interrupted",
      error: { code: "TERMINATED" },
    });
    const tooLate = await start("--json", {}, { signal });
    expect(tooLate.code).toBe(0);
  });
});

describe("help", () => {
  test("fits on a screen of 80 columns", async () => {
    const { code, stdout } = await start("help");
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.length).toBeLessThanOrEqual(45);
    await expect(stdout).toMatchFileSnapshot("../test/golden/help.txt");
  });

  test.each(["run", "gc", "environment", "exit-codes"])("on %s", async (topic) => {
    const { stdout } = await start(`help ${topic}`);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(84);
    await expect(stdout).toMatchFileSnapshot(`../test/golden/help-${topic}.txt`);
  });

  test("on what there is not is an error; on the simulator it is the simulator's", async () => {
    expect(await start("help extarct")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Did you mean extract?"),
    });
    expect((await start("help simulate")).stdout).toBe("simulate --help\n");
    expect((await start("simulate --port 0")).stdout).toBe("simulate --port 0\n");
    expect((await start("help record")).stdout).toBe("record --help\n");
    expect((await start("record --out x")).stdout).toBe("record --out x\n");
    expect((await start("--version")).stdout).toBe("1.2.3\n");
  });
});
