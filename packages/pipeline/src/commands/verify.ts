import { EXIT_CODES } from "@spacex-etl/contracts";
import { verify as verifyLake } from "@spacex-etl/lake-writers";
import type { PipelineConfig } from "../config/index.ts";
import { type CommandIo, openSession } from "../session/session.ts";
import type { CommandReport } from "../summary/index.ts";
import { plural, size } from "./format.ts";

/**
 * Recomputes the lake's chain of proof. When something does not fit, one line per object and exit code 10; exit code 6
 * where a newer program's documents are in the way, because then nothing is known to be damaged.
 */
export async function verify(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  await using session = await openSession(config, io);
  const { connection, workFolder } = await session.engine();
  const result = await verifyLake({
    store: session.store,
    runId: config.runId,
    connection,
    workFolder,
    signal: io.signal,
  });
  const { runs, heads, objects, bytes, findings } = result;
  const what = `${plural(runs, "run")}, ${plural(heads, "head")}, ${plural(objects, "object")}, ${size(bytes)}`;
  const ok = findings.length === 0;
  const newer = findings.some(({ code }) => code === "MANIFEST_NEWER");
  const { exitCode } = EXIT_CODES[ok ? "ok" : newer ? "schema" : "integrity"];
  return {
    lines: ok
      ? [`${session.store.url}: ${what}. Every hash, size, row count and key is right.`]
      : [
          `${session.store.url}: ${what}. ${plural(findings.length, "problem")}:`,
          ...findings.map(({ path, code, problem }) => `  ${path}  ${code}: ${problem}`),
          newer
            ? "What to do: a newer spacex-etl wrote into this lake; upgrade this one and verify again."
            : "What to do: restore the objects from a backup, or delete the damaged parts and run again under a new run id.",
        ],
    document: { ...result, exitCode },
    exitCode,
  };
}
