import { EtlError } from "@spacex-etl/contracts";
import { abortError } from "../loader/load-run.ts";
import type { LoadContext, StagedLoad } from "../loader/loader.ts";
import { count, type LoadScript, type StageScript } from "../merge/index.ts";
import { assertStageCount } from "../planning/index.ts";
import { copyError } from "./load-error.ts";
import { copyManifest } from "./manifest.ts";
import type { RedshiftSession } from "./session.ts";
import type { RedshiftSettings } from "./settings.ts";
import { stageTable } from "./sql/index.ts";

/** Longest wait for each DROP, in milliseconds: the stages also die with the session. */
const DROP_MS = 5000;

/** Writes the manifests, then makes and fills one temporary table per table: they die with the session. */
export async function stageTables(
  session: RedshiftSession,
  script: LoadScript,
  runId: string,
  settings: RedshiftSettings,
  context: LoadContext,
): Promise<StagedLoad> {
  /** Drops what was made and nothing else: a name that is not a stage's may be a table of somebody's. */
  const made = new Set<string>();
  const drop = async (): Promise<void> => {
    const mine = script.cleanup.filter(({ table }) => table !== null && made.delete(table));
    try {
      for (const { sql } of mine) await session.finish(sql, DROP_MS);
    } catch {
      // A session that cannot drop them is at its end, and they with it.
    }
  };
  let jobs = 0;
  try {
    await session.executeAll(script.prepare);
    for (const stage of script.stages) await writeManifest(stage, runId, settings, context);
    for (const stage of script.stages) jobs += await fillStage(session, stage, settings.schema, made);
  } catch (error) {
    await drop();
    throw error;
  }
  return {
    jobs,
    tables: script.stages.map(({ table: { table, rows } }) => ({ table, relation: stageTable(table), rows })),
    [Symbol.asyncDispose]: drop,
  };
}

async function writeManifest(
  { table }: StageScript,
  runId: string,
  { manifests }: RedshiftSettings,
  { signal, checkpoint }: LoadContext,
): Promise<void> {
  if (table.rows === 0) return;
  const { key, body } = copyManifest(runId, table.source);
  try {
    await manifests.createIfAbsent(key, body, { contentType: "application/json", signal });
  } catch (cause) {
    if (signal?.aborted === true) throw abortError(signal);
    if (EtlError.isInstance(cause)) throw cause;
    throw new EtlError({
      kind: "destination",
      code: "COPY_MANIFEST",
      message: `The manifest of the COPY into ${table.table} could not be written: ${manifests.url}/${key}.`,
      hint: "The loader needs s3:PutObject there.",
      cause,
    });
  }
  await checkpoint?.(`load.manifest of ${table.table}`);
}

/** @returns the number of COPYs */
async function fillStage(
  session: RedshiftSession,
  { table, statements }: StageScript,
  schema: string,
  made: Set<string>,
): Promise<number> {
  let copies = 0;
  for (const statement of statements) {
    if (statement.purpose === "stage") {
      try {
        await session.execute(statement);
      } catch (error) {
        throw await copyError(error, session, table, schema);
      }
      copies += 1;
      continue;
    }
    const [row] = await session.execute(statement, () => {
      if (statement.purpose === "ddl") made.add(table.table);
    });
    if (statement.purpose === "count") assertStageCount(table.table, table.rows, count(row, "rows"));
  }
  return copies;
}
