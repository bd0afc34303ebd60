import type { StagedLoad } from "../loader/loader.ts";
import type { LoadScript, Session } from "../merge/index.ts";
import { localTables } from "./local-parts.ts";
import type { DuckDBLoaderOptions } from "./options.ts";
import { createStage, dropStages, stageView } from "./sql/index.ts";
import { verifyParts } from "./verify-parts.ts";

/** Brings here what lies elsewhere, verifies every part that will be read, then makes one stage per table. */
export async function stageTables(
  session: Session,
  script: LoadScript,
  localPart: DuckDBLoaderOptions["localPart"],
  signal: AbortSignal | undefined,
): Promise<StagedLoad> {
  const planned = script.stages.map(({ table }) => table);
  const tables = await localTables(planned, localPart, signal);
  const parts = tables.flatMap(({ source }) => source.parts.map((part) => ({ spec: source.spec, part })));
  await verifyParts(session, parts, signal);
  // The plan names the files where the lake has them; read are those that were brought here.
  const sources = new Map(tables.map(({ table, source }) => [table, source]));
  const stages = script.stages.flatMap(({ statements }) =>
    statements.map((statement) => {
      const source = sources.get(statement.table ?? "");
      return source === undefined ? statement : { ...statement, sql: createStage(source) };
    }),
  );
  await session.executeAll(stages);
  return {
    jobs: 0,
    tables: tables.map(({ table, rows }) => ({ table, relation: stageView(table), rows })),
    [Symbol.asyncDispose]: async () => {
      if (tables.length > 0) await session.finish(dropStages(tables.map(({ source }) => source)));
    },
  };
}
