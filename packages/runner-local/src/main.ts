import type { RunEvent } from "@spacex-etl/contracts";
import { EtlError, EXIT_CODES, toEtlError } from "@spacex-etl/contracts/errors";
import type { CommandReport, PipelineConfig, RunReport } from "@spacex-etl/pipeline";
import { type CommandLine, parseCommandLine } from "@spacex-etl/pipeline/command-line";
import type { CommandIo, Commands } from "./commands.ts";
import { createDisplay, type Display } from "./display/index.ts";
import { renderHelp } from "./help/index.ts";
import {
  errorSummary,
  failureDocument,
  invocation,
  renderFailure,
  renderRunReport,
  resumeCommand,
  summaryDocument,
} from "./report/index.ts";
import { type Environment, isSet, type OutputStream, styleFor } from "./terminal/index.ts";

/** The command line's surroundings, so that it can be run without a process of its own. */
export interface MainOptions {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** Absolute path. */
  readonly cwd: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly commands: Commands;
  readonly version: string;
  /** Aborted with an `EtlError` of kind `interrupted` or `terminated` as its reason. */
  readonly signal: AbortSignal;
  /** Hears of the display, so that the terminal can be given back when the process has to end at once. */
  readonly onDisplay?: (display: Display) => void;
}

/** The whole command line without its process. Prints everything, throws nothing, returns the exit code. */
export async function main(options: MainOptions): Promise<number> {
  const started = performance.now();
  const context: Context = { line: undefined, config: undefined, runId: undefined };
  try {
    const line = parseCommandLine(options.argv);
    switch (line.kind) {
      case "version":
        return print(options.stdout, [options.version]);
      case "help":
        return await help(line.topic, options);
      case "simulate":
      case "record":
        return await ownWords(line.kind, line.argv, options);
      case "command":
        return await command(line, options, context);
    }
  } catch (error) {
    return fail(settleError(error, options.signal), options, context, performance.now() - started);
  }
}

type CommandWords = Extract<CommandLine, { kind: "command" }>;

const STEP_COMMANDS: readonly string[] = ["run", "extract", "normalize", "load", "transform"];

/** What is known when something fails. */
interface Context {
  line: CommandWords | undefined;
  config: PipelineConfig | undefined;
  runId: string | undefined;
}

/** A command that reads its words itself. */
function ownWords(
  kind: "simulate" | "record",
  argv: readonly string[],
  options: MainOptions,
): Promise<number> {
  const { stdout, stderr, signal, commands } = options;
  return commands[kind](argv, {
    stdout: (line) => stdout.write(`${line}\n`),
    stderr: (line) => stderr.write(`${line}\n`),
    signal,
  });
}

async function help(topic: string | undefined, options: MainOptions): Promise<number> {
  if (topic === "simulate" || topic === "record") return ownWords(topic, ["--help"], options);
  const style = styleFor(options.stdout, options.env);
  return print(options.stdout, renderHelp(topic, style, invocation(options.env)));
}

async function command(line: CommandWords, options: MainOptions, context: Context): Promise<number> {
  const { env, cwd, stderr, signal, commands } = options;
  context.line = line;
  // Everything from here on needs more than words; help and version have been printed before.
  const { parseConfig } = await import("@spacex-etl/pipeline");
  const config = parseConfig({ ...line, env, cwd });
  context.config = config;
  context.runId = config.runId;
  const display = createDisplay(stderr, env);
  options.onDisplay?.(display);
  const io: CommandIo = {
    signal,
    onEvent(event: RunEvent) {
      if (event.type === "run.started") context.runId = event.runId;
      display.onEvent(event);
    },
  };
  try {
    switch (config.command) {
      case "run":
      case "extract":
      case "normalize":
      case "load":
      case "transform": {
        const report = settleReport(await commands[config.command](config, io), signal);
        display.close();
        return await finishRun(report, line, config, options);
      }
      case "plan":
      case "verify":
      case "files":
      case "gc":
      case "doctor": {
        // The steps tell the notes themselves, as events.
        for (const note of config.notes) display.note(note);
        const report = await commands[config.command](config, io);
        display.close();
        return finishReport(report, config, options);
      }
    }
  } finally {
    display.close();
  }
}

async function finishRun(
  report: RunReport,
  line: CommandWords,
  config: PipelineConfig,
  options: MainOptions,
): Promise<number> {
  const { stdout, stderr, env } = options;
  if (config.json) {
    printDocument(stdout, await summaryDocument(report));
  } else if (report.exitCode === 0 || showsProgress(report, config)) {
    const columns = Math.min(stdout.columns ?? 80, 100);
    print(stdout, renderRunReport(report, { config, env, style: styleFor(stdout, env), columns }));
  }
  if (report.exitCode !== 0) {
    const error = report.cause ?? ofSummary(report);
    const resume = report.runId === null ? undefined : resumeCommand(report.runId, line, env);
    print(stderr, ["", ...renderFailure(error, { style: styleFor(stderr, env), env, resume })]);
  }
  return report.exitCode;
}

/** Of a run that failed: what reached the warehouse, or which collections did arrive. Else the error says it all. */
function showsProgress({ tables, collections }: RunReport, config: PipelineConfig): boolean {
  return tables.length > 0 || (collections.length > 0 && collections.length < config.collections.length);
}

function finishReport(report: CommandReport, config: PipelineConfig, { stdout }: MainOptions): number {
  if (config.json) printDocument(stdout, report.document);
  else print(stdout, report.lines);
  return report.exitCode;
}

function fail(error: EtlError, options: MainOptions, context: Context, durationMs: number): number {
  const { argv, env, stdout, stderr } = options;
  const { line, config, runId } = context;
  // The flag is looked for in the raw words too: they may be what could not be read.
  if (config?.json ?? (argv.includes("--json") || isSet(env["SPACEX_ETL_JSON"]))) {
    printDocument(stdout, failureDocument(error, { command: line?.command, config, runId, durationMs }));
  }
  const resumable = line !== undefined && runId !== undefined && STEP_COMMANDS.includes(line.command);
  const resume = resumable ? resumeCommand(runId, line, env) : undefined;
  const lines = renderFailure(error, { style: styleFor(stderr, env), env, resume });
  // Something stands above it only when the command has begun.
  print(stderr, runId === undefined ? lines : ["", ...lines]);
  return error.exitCode;
}

/** After a signal every failure is the signal's: an aborted request or statement is only how it became visible. */
function settleError(thrown: unknown, signal: AbortSignal): EtlError {
  return signal.aborted ? toEtlError(signal.reason) : toEtlError(thrown);
}

function settleReport(report: RunReport, signal: AbortSignal): RunReport {
  if (!signal.aborted || report.exitCode === 0) return report;
  const reason = toEtlError(signal.reason);
  return {
    ...report,
    status: "interrupted",
    exitCode: reason.exitCode,
    error: errorSummary(reason),
    cause: reason,
  };
}

function ofSummary({ error, exitCode }: RunReport): EtlError {
  if (error === undefined)
    return toEtlError(new Error(`the command ended with exit code ${exitCode} and no error`));
  return new EtlError({ ...error, hint: error.hint ?? undefined });
}

function print(stream: OutputStream, lines: readonly string[]): number {
  if (lines.length > 0) stream.write(`${lines.join("\n")}\n`);
  return EXIT_CODES.ok.exitCode;
}

function printDocument(stdout: OutputStream, document: unknown): void {
  stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
