import { toEtlError } from "@spacex-etl/contracts/errors";
import type { CommandName, ErrorSummary, PipelineConfig, RunReport, RunSummary } from "@spacex-etl/pipeline";

const REPORT_COMMANDS: readonly CommandName[] = ["plan", "verify", "files", "gc", "doctor"];

export function errorSummary(thrown: unknown): ErrorSummary {
  const { code, kind, message, hint } = toEtlError(thrown);
  return { code, kind, message, hint: hint ?? null };
}

/** The document of a run or step: the summary alone, checked against its schema. */
export async function summaryDocument(report: RunReport): Promise<RunSummary> {
  // Here and not above: `help` has no summary, and the schema brings zod.
  const { runSummarySchema } = await import("@spacex-etl/pipeline");
  return runSummarySchema.parse(report, { jitless: true });
}

export interface KnownAtFailure {
  readonly command: CommandName | undefined;
  readonly config: PipelineConfig | undefined;
  readonly runId: string | undefined;
  readonly durationMs: number;
}

/**
 * The document where a command threw. Of a run or a step it has the shape of every other one; `plan`, `verify`, `files`,
 * `gc` and `doctor` have documents of their own and here only the error.
 */
export function failureDocument(thrown: unknown, known: KnownAtFailure): unknown {
  const { command, config, runId, durationMs } = known;
  const error = errorSummary(thrown);
  const { exitCode, kind } = toEtlError(thrown);
  if (command !== undefined && REPORT_COMMANDS.includes(command)) {
    return { status: "failed", exitCode, error };
  }
  const document: RunSummary = {
    runId: runId ?? null,
    status: kind === "interrupted" || kind === "terminated" ? "interrupted" : "failed",
    exitCode,
    error,
    durationMs,
    collections: [],
    tables: [],
    transform: { status: "off", reason: "the command failed before it" },
    lake: config?.lake.url ?? null,
    warehouse: config?.warehouse.url ?? null,
  };
  return document;
}
