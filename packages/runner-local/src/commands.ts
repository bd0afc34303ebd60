import type { OnEvent } from "@spacex-etl/contracts";
import type { CommandReport, PipelineConfig, RunReport } from "@spacex-etl/pipeline";

/** What a command is given beside its configuration. */
export interface CommandIo {
  readonly onEvent: OnEvent;
  /** Aborted with an `EtlError` of kind `interrupted` or `terminated`. */
  readonly signal: AbortSignal;
}

/** A command that does steps of a run. */
export type StepCommand = (config: PipelineConfig, io: CommandIo) => Promise<RunReport>;
/** A command that only reports. */
export type ReportCommand = (config: PipelineConfig, io: CommandIo) => Promise<CommandReport>;

/** All that the command line can do; it only parses, shows and exits around it. */
export interface Commands {
  readonly run: StepCommand;
  readonly extract: StepCommand;
  readonly normalize: StepCommand;
  readonly load: StepCommand;
  readonly transform: StepCommand;
  readonly plan: ReportCommand;
  readonly verify: ReportCommand;
  readonly files: ReportCommand;
  readonly gc: ReportCommand;
  readonly doctor: ReportCommand;
  /** Serves until the signal is aborted; returns the exit code. */
  readonly simulate: (argv: readonly string[], io: LineIo) => Promise<number>;
  /** Saves a running API; returns the exit code. */
  readonly record: (argv: readonly string[], io: LineIo) => Promise<number>;
}

/** Streams as functions that take one line without its end. */
export interface LineIo {
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
  readonly signal: AbortSignal;
}
