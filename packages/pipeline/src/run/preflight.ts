import type { StepName } from "@spacex-etl/contracts";
import { readHead } from "@spacex-etl/lake-writers";
import type { Session } from "../session/session.ts";
import { makeArtifactsFolder } from "../transform/artifacts-folder.ts";
import { dbtWarehouse } from "../transform/dbt-environment.ts";
import { findDbt } from "../transform/executable.ts";
import { findProject } from "../transform/project.ts";

/** What can fail early does so before the first request is sent or the first object written; it makes dbt's folder. */
export async function preflight(session: Session, steps: readonly StepName[]): Promise<void> {
  const { config, signal } = session;
  if (steps.includes("transform")) {
    findProject(config.dbt.projectDirectory);
    findDbt(config.dbt.executable, config.warehouse.kind);
    await dbtWarehouse(config, signal);
    await makeArtifactsFolder(config.dbt.artifactsDirectory);
  }
  const loader = steps.includes("load") || steps.includes("transform") ? session.loader() : undefined;
  // It opens while the lake answers; the session lets go of it either way.
  loader?.catch(() => undefined);
  // Of a service that sends nothing, and says what is missing on this side.
  if (config.warehouse.kind !== "duckdb") await loader;
  if (steps.includes("extract")) await reachBucket(session);
  await (await loader)?.check({ signal });
}

/**
 * Bucket, credentials and the permissions to list and to read. A folder fails at once by itself, before any request to
 * the source, and so does a bucket that cannot be written; the later steps ask the lake first of all.
 */
async function reachBucket({ config, store, signal }: Session): Promise<void> {
  if (config.lake.location.kind !== "file") await readHead(store, signal);
}
