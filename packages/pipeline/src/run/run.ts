import { EtlError, newRunId, type StepName, toEtlError } from "@spacex-etl/contracts";
import { findNewestRun } from "@spacex-etl/lake-writers";
import type { PipelineConfig } from "../config/index.ts";
import { type CommandIo, openSession, type Session } from "../session/session.ts";
import { prepareExtract } from "../steps/extract-step.ts";
import { beginTables } from "../steps/normalize-step.ts";
import type { RunReport } from "../summary/index.ts";
import { launchHighlights } from "./highlights.ts";
import { preflight } from "./preflight.ts";
import { errorSummary, manifestLocation, statusOf, tableSummaries } from "./report.ts";
import { type Progress, type StepContext, STEPS } from "./steps.ts";

/** All four steps under one run id; transform only where the configuration asks for it. */
export function run(config: PipelineConfig, io: CommandIo = {}): Promise<RunReport> {
  return runSteps(config, io, [
    "extract",
    "normalize",
    "load",
    ...(config.transform ? (["transform"] as const) : []),
  ]);
}

export function extract(config: PipelineConfig, io: CommandIo = {}): Promise<RunReport> {
  return runSteps(config, io, ["extract"]);
}

export function normalize(config: PipelineConfig, io: CommandIo = {}): Promise<RunReport> {
  return runSteps(config, io, ["normalize"]);
}

export function load(config: PipelineConfig, io: CommandIo = {}): Promise<RunReport> {
  return runSteps(config, io, ["load"]);
}

export function transform(config: PipelineConfig, io: CommandIo = {}): Promise<RunReport> {
  return runSteps(config, io, ["transform"]);
}

async function runSteps(
  config: PipelineConfig,
  io: CommandIo,
  steps: readonly StepName[],
): Promise<RunReport> {
  const started = performance.now();
  const onEvent = io.onEvent ?? (() => undefined);
  const progress: Progress = {
    runId: config.runId,
    collections: [],
    normalized: false,
    load: undefined,
    transform: { status: "off", reason: offReason(config, steps) },
    manifestKey: undefined,
    highlights: undefined,
  };
  let error: EtlError | undefined;
  try {
    await using session = await openSession(config, io);
    await runAll(session, steps, progress);
  } catch (thrown) {
    error = toEtlError(
      io.signal?.aborted === true && EtlError.isInstance(io.signal.reason) ? io.signal.reason : thrown,
    );
  }
  const durationMs = Math.round(performance.now() - started);
  const exitCode = error?.exitCode ?? 0;
  onEvent({ type: "run.finished", runId: progress.runId ?? "", exitCode, durationMs });
  return {
    runId: progress.runId ?? null,
    status: error === undefined ? statusOf(progress) : isStopped(error) ? "interrupted" : "failed",
    exitCode,
    ...(error === undefined ? {} : { error: errorSummary(error), cause: error }),
    durationMs,
    collections: [...progress.collections],
    tables: progress.load === undefined ? [] : tableSummaries(progress.load),
    transform: progress.transform,
    lake: config.lake.url,
    warehouse: config.warehouse.url,
    highlights: progress.highlights,
    manifest: progress.manifestKey === undefined ? undefined : manifestLocation(config, progress.manifestKey),
  };
}

function isStopped({ kind }: EtlError): boolean {
  return kind === "interrupted" || kind === "terminated";
}

function offReason(config: PipelineConfig, steps: readonly StepName[]): string {
  if (steps.includes("transform")) return "not reached";
  return config.transform ? `not part of ${config.command}` : "--no-transform";
}

async function runAll(session: Session, steps: readonly StepName[], progress: Progress): Promise<void> {
  const runId = await chooseRun(session, steps[0] ?? "extract");
  progress.runId = runId;
  session.onEvent({ type: "run.started", runId, steps });
  for (const note of session.config.notes) session.onEvent({ type: "info", message: note });
  await preflightAndPrepare(session, steps);
  await runInTurn(session, steps, runId, progress);
  if (progress.transform.status === "done" || progress.transform.status === "skipped") {
    progress.highlights = await launchHighlights(session);
  }
}

/** The steps one after the other; but tables are begun as soon as there are parts to make them of. */
async function runInTurn(
  session: Session,
  steps: readonly StepName[],
  runId: string,
  progress: Progress,
): Promise<void> {
  const [first, second] = steps;
  if (first !== "extract" || second !== "normalize") {
    for (const step of steps) await runStep(session, step, { runId, progress });
    return;
  }
  {
    await using ahead = await beginTables(session, runId);
    for (const step of [first, second]) await runStep(session, step, { runId, progress, ahead });
  }
  for (const step of steps.slice(2)) await runStep(session, step, { runId, progress });
}

/**
 * Checks first; but when DuckDB has begun to start for them, on a thread of its own, there is time to get ready what is
 * no request and writes nothing.
 */
async function preflightAndPrepare(session: Session, steps: readonly StepName[]): Promise<void> {
  const ahead = steps.includes("extract") ? setImmediate(() => void prepareExtract(session)) : undefined;
  try {
    await preflight(session, steps);
  } finally {
    // A session that ends now must not get another API opened.
    clearImmediate(ahead);
  }
}

/** The configured run; else a new one for what begins with extract, and the newest one for the later steps. */
async function chooseRun(session: Session, first: StepName): Promise<string> {
  const { config, store, signal } = session;
  if (config.runId !== undefined) return config.runId;
  if (first === "extract") return newRunId();
  const newest = await findNewestRun(
    store,
    first === "normalize" ? "extracts" : "tables",
    config.source,
    signal,
  );
  if (newest !== undefined) return newest;
  if (first === "transform") return newRunId();
  throw new EtlError({
    kind: "usage",
    code: "NO_RUN",
    message: `${store.url} has no run of source ${config.source} to ${first}.`,
    hint: first === "normalize" ? "Extract one first." : "Extract and normalize one first, or use `run`.",
  });
}

async function runStep(session: Session, step: StepName, context: StepContext): Promise<void> {
  const { onEvent } = session;
  const started = performance.now();
  onEvent({
    type: "step.started",
    step,
    ...(step === "extract" ? { collections: session.config.collections } : {}),
  });
  const finish = (outcome: "done" | "adopted" | "skipped" | "failed", detail?: string): void =>
    onEvent({
      type: "step.finished",
      step,
      outcome,
      durationMs: Math.round(performance.now() - started),
      ...(detail === undefined ? {} : { detail }),
    });
  try {
    const { outcome, detail } = await STEPS[step](session, context);
    finish(outcome, detail);
  } catch (error) {
    const { progress } = context;
    if (step === "transform" && progress.transform.status !== "failed") {
      progress.transform = { status: "failed" };
    }
    finish("failed");
    throw error;
  }
}
