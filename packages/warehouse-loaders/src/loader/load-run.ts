import { EtlError } from "@spacex-etl/contracts";
import { type LoadReport, reportWithoutLoad } from "./load-report.ts";
import { type LoadRequest, validateRequest } from "./load-request.ts";
import type { LoadContext, Loader } from "./loader.ts";

/** Times that a plan is made anew because another load was committed meanwhile. */
const MAX_PLANS = 4;

/**
 * Loads a run exactly once: preflight, stage, reconcile, apply. Calling it again with the same request is a no-op that
 * says so, whether the first call ended, failed or was killed. Emits `table.loaded` per table after the commit,
 * `warning`s, and an `info` when there is nothing to do.
 *
 * @throws EtlError; the warehouse is then as it was before.
 */
export async function loadRun(
  loader: Loader,
  request: LoadRequest,
  options: LoadContext = {},
): Promise<LoadReport> {
  validateRequest(request);
  const warned = new Set<string>();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await loadOnce(loader, request, options, warned);
    } catch (error) {
      const moved = EtlError.isInstance(error) && error.code === "WAREHOUSE_CHANGED";
      if (!moved || attempt >= MAX_PLANS) throw error;
    }
  }
}

async function loadOnce(
  loader: Loader,
  request: LoadRequest,
  options: LoadContext,
  warned: Set<string>,
): Promise<LoadReport> {
  const enter = async (phase: string) => {
    throwIfAborted(options.signal);
    await options.checkpoint?.(`load.${phase}`);
  };
  await enter("preflight");
  const plan = await loader.preflight(request, options);
  for (const warning of plan.warnings) {
    if (warned.has(warning.message)) continue;
    warned.add(warning.message);
    options.onEvent?.({ type: "warning", ...warning });
  }
  if (plan.decision !== "load") {
    options.onEvent?.({
      type: "info",
      message:
        plan.decision === "already-loaded"
          ? `Run ${request.runId} was loaded at ${plan.loadedAt}: nothing to do.`
          : `Run ${request.runId} is superseded: newer extractions of all its collections are loaded. Nothing to do.`,
    });
    return reportWithoutLoad(plan);
  }
  await enter("stage");
  await using staged = await loader.stage(plan, options);
  await enter("reconcile");
  await loader.reconcile(plan, staged, options);
  await enter("apply");
  const report = await loader.apply(plan, staged, options);
  for (const { table, counts } of report.tables) {
    options.onEvent?.({ type: "table.loaded", table, counts });
  }
  return report;
}

/** Throws the signal's reason if that is an `EtlError`, else an error of kind `interrupted`. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}

/** The signal's reason if that is an `EtlError`, else an error LOAD_ABORTED of kind `interrupted`. */
export function abortError(signal: AbortSignal): EtlError {
  const reason: unknown = signal.reason;
  if (EtlError.isInstance(reason)) return reason;
  return new EtlError({
    kind: "interrupted",
    code: "LOAD_ABORTED",
    message: "The load was stopped before it was committed; the warehouse is as it was.",
    hint: "Run it again with the same run id.",
    cause: reason,
  });
}
