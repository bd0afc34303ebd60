import { EtlError } from "@spacex-etl/contracts";
import type { Session } from "../session/session.ts";
import type { TransformSummary } from "../summary/index.ts";
import { dbtBuild } from "../transform/dbt.ts";
import { findDbt } from "../transform/executable.ts";
import { missingCollections } from "../transform/raw-tables.ts";
import { findProject, hashProject } from "../transform/project.ts";

/**
 * Raw tables → staging and marts, unless nothing changed since the last successful build of the same project.
 *
 * @param onBuilt hears what dbt did, also when the step then fails
 */
export async function transformStep(
  session: Session,
  runId: string,
  onBuilt: (built: Omit<TransformSummary, "status">) => void,
): Promise<TransformSummary> {
  const { config, signal, onEvent, checkpoint } = session;
  const project = findProject(config.dbt.projectDirectory);
  const projectSha256 = await hashProject(project);
  const { changedAt, last } = await (await session.loader()).transformState({ signal });
  if (changedAt === null) return { status: "skipped", reason: "the warehouse has no rows yet" };
  if (last !== null && last.projectSha256 === projectSha256 && last.changedAt === changedAt) {
    const at = last.finishedAt.replace(/\.\d+/, "");
    return { status: "skipped", reason: `nothing changed since the last build at ${at}` };
  }
  const ours = config.dbt.projectDirectory === undefined;
  if (ours) {
    const missing = await missingCollections(await session.loader(), config.source, signal);
    if (missing.length > 0) {
      return {
        status: "skipped",
        reason: `its models need collections not loaded yet: ${missing.join(", ")}`,
      };
    }
  }
  const executable = findDbt(config.dbt.executable, config.warehouse.kind);
  await checkpoint("before dbt build");
  const started = performance.now();
  let built: Omit<TransformSummary, "status"> = {};
  const { warnings } = await withFreeWarehouse(session, () =>
    dbtBuild({
      executable,
      project,
      config,
      fullRefresh: ours && last !== null && last.projectSha256 !== projectSha256,
      signal,
      onResults({ models, tests }) {
        built = { models, tests, durationMs: Math.round(performance.now() - started) };
        onBuilt(built);
      },
    }),
  );
  await checkpoint("after dbt build");
  for (const { node, message } of warnings) {
    onEvent({ type: "warning", code: "DBT_TEST_WARNED", message: `dbt: ${message} (${node})` });
  }
  const loader = await session.loader();
  await loader.recordTransform({ runId, projectSha256, changedAt, finishedAt: new Date().toISOString() });
  await checkpoint("after recording the transform");
  return { status: "done", ...built };
}

/** Another process can take the file between our release and dbt's opening it, once or twice; not for ever. */
const MAX_ATTEMPTS = 3;

/**
 * One process at a time can have a DuckDB file open, and now that is dbt, whose memory comes on top of ours. Where another
 * process is faster (say, the dbt of a run that was killed), waits for it as long as a load would, then tries again. Of a
 * service the connection is let go too: idle for so long, it could be gone when the load is to be noted.
 */
async function withFreeWarehouse<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const { signal, onEvent } = session;
  for (let attempt = 1; ; attempt++) {
    await session.release();
    try {
      return await work();
    } catch (error) {
      const locked = EtlError.isInstance(error) && error.code === "WAREHOUSE_LOCKED";
      if (!locked || attempt === MAX_ATTEMPTS) throw error;
      onEvent({ type: "retry", what: "dbt build", attempt, delayMs: 0, reason: error.message });
      await (await session.loader()).check({ signal });
    }
  }
}
