import type { PipelineConfig } from "../config/index.ts";
import type { CommandIo } from "../session/session.ts";
import type { CommandReport, RunReport } from "../summary/index.ts";

// Each command loads its code when it is called: whoever wants only a configuration waits for none of it.

/**
 * All four steps under one run id: extract, normalize, load, and transform where `config.transform` asks for it. Calling
 * it again with the same run id continues what was interrupted, and changes nothing where all was done.
 *
 * @returns the report, also of a run that failed or was stopped: see `exitCode`, `error` and `cause`
 */
export async function run(config: PipelineConfig, io: CommandIo = {}): Promise<RunReport> {
  return (await import("../run/run.ts")).run(config, io);
}

/** API → raw zone of the lake. The report is as that of `run`. */
export async function extract(config: PipelineConfig, io: CommandIo = {}): Promise<RunReport> {
  return (await import("../run/run.ts")).extract(config, io);
}

/** Raw zone → typed tables in the lake; without `config.runId` of the newest extract. The report is as that of `run`. */
export async function normalize(config: PipelineConfig, io: CommandIo = {}): Promise<RunReport> {
  return (await import("../run/run.ts")).normalize(config, io);
}

/** Tables of the lake → warehouse; without `config.runId` of the newest tables. The report is as that of `run`. */
export async function load(config: PipelineConfig, io: CommandIo = {}): Promise<RunReport> {
  return (await import("../run/run.ts")).load(config, io);
}

/** `dbt build`, unless nothing was loaded since the last successful one. The report is as that of `run`. */
export async function transform(config: PipelineConfig, io: CommandIo = {}): Promise<RunReport> {
  return (await import("../run/run.ts")).transform(config, io);
}

/** What a run would do, found by reading only. */
export async function plan(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  return (await import("./plan.ts")).plan(config, io);
}

/**
 * Recomputes the lake's chain of proof. When something does not fit, one line per object and exit code 10; exit code 6
 * where a newer program's documents are in the way, because then nothing is known to be damaged.
 */
export async function verify(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  return (await import("./verify.ts")).verify(config, io);
}

/**
 * The Parquet files that hold `config.table`, one per line and nothing else, so that a shell can take them.
 *
 * @throws EtlError of kind `usage` for an unknown table.
 */
export async function files(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  return (await import("./files.ts")).files(config, io);
}

/** Deletes what no kept run can reach, see `config.gc`. */
export async function gc(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  return (await import("./gc.ts")).gc(config, io);
}

/** Tries everything that a run needs. Exit code of the first check that fails; at most one probe object is written. */
export async function doctor(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  return (await import("./doctor.ts")).doctor(config, io);
}
