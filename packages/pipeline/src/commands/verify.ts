import { EXIT_CODES } from "@spacex-etl/contracts";
import { verify as verifyLake } from "@spacex-etl/lake-writers";
import type { PipelineConfig } from "../config/index.ts";
import { type CommandIo, openSession } from "../session/session.ts";
import type { CommandReport } from "../summary/index.ts";
import { plural, size } from "./format.ts";

/** Recomputes the lake's chain of proof. Exit code 10 with one line per object when something does not fit. */
export async function verify(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  await using session = openSession(config, io);
  const { connection } = await session.engine();
  const result = await verifyLake({
    store: session.store,
    runId: config.runId,
    connection,
    signal: io.signal,
  });
  const { runs, heads, objects, bytes, findings } = result;
  const what = `${plural(runs, "run")}, ${plural(heads, "head")}, ${plural(objects, "object")}, ${size(bytes)}`;
  const ok = findings.length === 0;
  return {
    lines: ok
      ? [`${session.store.url}: ${what}. Every hash, size, row count and key is right.`]
      : [
          `${session.store.url}: ${what}. ${plural(findings.length, "problem")}:`,
          ...findings.map(({ path, code, problem }) => `  ${path}  ${code}: ${problem}`),
          "What to do: restore the objects from a backup, or delete the damaged parts and run again under a new run id.",
        ],
    document: { ...result, exitCode: ok ? 0 : EXIT_CODES.integrity.exitCode },
    exitCode: ok ? 0 : EXIT_CODES.integrity.exitCode,
  };
}
