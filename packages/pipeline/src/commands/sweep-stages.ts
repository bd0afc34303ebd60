import { EtlError, toEtlError } from "@spacex-etl/contracts";
import type { Session } from "../session/session.ts";
import type { ErrorSummary } from "../summary/index.ts";
import { plural } from "./format.ts";

/** What gc did in the warehouse. */
export interface SweptStages {
  readonly lines: readonly string[];
  readonly document: {
    /** Names of the stages that were deleted, or would be. */
    readonly removed: readonly string[];
    /** Why none was looked for; null where it was done. */
    readonly skipped: Omit<ErrorSummary, "kind"> | null;
  };
}

/**
 * Deletes stages that killed loads left in the warehouse, where they outlive a session: on BigQuery. They expire there by
 * themselves, so that a warehouse that is not there, cannot be reached or does not let us does not make a gc of the lake
 * fail; it is said. A setting that is wrong does. Undefined of other warehouses, which are not even connected to.
 */
export async function sweepStages(session: Session): Promise<SweptStages | undefined> {
  const { config, signal } = session;
  if (config.warehouse.kind !== "bigquery") return undefined;
  const { dryRun, graceHours } = config.gc;
  const { display } = config.warehouse;
  try {
    const loader = await session.loader();
    const olderThan = new Date(Date.now() - graceHours * 3_600_000);
    const removed = (await loader.sweep?.(olderThan, { signal, dryRun })) ?? [];
    const verb = dryRun ? "would be deleted" : "deleted";
    return {
      lines: [
        ...removed.map((name) => `  ${name}`),
        `${display}: ${plural(removed.length, "stage")} of unfinished loads ${verb}.`,
      ],
      document: { removed, skipped: null },
    };
  } catch (thrown) {
    signal?.throwIfAborted();
    if (!EtlError.isInstance(thrown) || thrown.kind === "bug" || thrown.kind === "usage") throw thrown;
    const { code, message, hint } = toEtlError(thrown);
    return {
      lines: [
        `${display}: stages of unfinished loads were not looked for (they expire by themselves): ${message}`,
        ...(hint === undefined ? [] : [`  ${hint}`]),
      ],
      document: { removed: [], skipped: { code, message, hint: hint ?? null } },
    };
  }
}
