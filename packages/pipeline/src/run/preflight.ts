import type { StepName } from "@spacex-etl/contracts";
import type { Session } from "../session/session.ts";
import { findDbt } from "../transform/executable.ts";
import { findProject } from "../transform/project.ts";

/** What can fail early does so before the first request is sent or the first object written. */
export async function preflight(session: Session, steps: readonly StepName[]): Promise<void> {
  const { config, signal } = session;
  if (steps.includes("transform")) {
    findProject(config.dbt.projectDirectory);
    findDbt(config.dbt.executable);
  }
  if (steps.includes("load") || steps.includes("transform")) {
    await (await session.loader()).check({ signal });
  }
}
