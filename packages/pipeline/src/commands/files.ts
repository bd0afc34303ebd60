import { EtlError } from "@spacex-etl/contracts";
import { tableFiles } from "@spacex-etl/lake-writers";
import type { PipelineConfig } from "../config/index.ts";
import { type CommandIo, openSession } from "../session/session.ts";
import type { CommandReport } from "../summary/index.ts";

/** The Parquet files that hold a table, one path or address per line and nothing else, so that a shell can take them. */
export async function files(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  if (config.table === undefined) {
    throw new EtlError({
      kind: "usage",
      code: "TABLE_MISSING",
      message: "files needs the name of a table.",
      hint: "For example: files launches",
    });
  }
  await using session = await openSession(config, io);
  const { store } = session;
  const found = await tableFiles(store, config.table, {
    source: config.source,
    runId: config.runId,
    signal: io.signal,
  });
  return { lines: found.parts.map(({ location }) => location), document: found, exitCode: 0 };
}
