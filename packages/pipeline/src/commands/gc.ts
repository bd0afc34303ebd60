import { gc as collect } from "@spacex-etl/lake-writers";
import type { PipelineConfig } from "../config/index.ts";
import { type CommandIo, openSession } from "../session/session.ts";
import type { CommandReport } from "../summary/index.ts";
import { plural, size } from "./format.ts";
import { sweepStages } from "./sweep-stages.ts";

/** Deletes what no kept run can reach, and stages that loads left in the warehouse. */
export async function gc(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  await using session = await openSession(config, io);
  const { store } = session;
  const { keepRuns, keepDays, graceHours, dryRun } = config.gc;
  const result = await collect({ store, keepRuns, keepDays, graceHours, dryRun, signal: io.signal });
  const { removed, removedBytes, keptRuns, removedRuns, keptObjects, swept } = result;
  const warehouse = await sweepStages(session);
  const verb = dryRun ? "would be deleted" : "deleted";
  return {
    lines: [
      ...removed.map(({ key }) => `  ${key}`),
      `${store.url}: ${plural(removed.length, "object")} (${size(removedBytes)}) ${verb}, of them ${plural(removedRuns.length, "run")}; ` +
        `${plural(keptRuns.length, "run")} and ${plural(keptObjects, "object")} kept.`,
      ...(swept > 0
        ? [`${store.url}: ${plural(swept, "left-over")} of unfinished uploads and writes removed.`]
        : []),
      ...(warehouse?.lines ?? []),
    ],
    document: {
      dryRun,
      keptRuns,
      removedRuns,
      removed: removed.map(({ key, bytes }) => ({ key, bytes })),
      removedBytes,
      keptObjects,
      swept,
      ...(warehouse === undefined ? {} : { warehouse: warehouse.document }),
    },
    exitCode: 0,
  };
}
