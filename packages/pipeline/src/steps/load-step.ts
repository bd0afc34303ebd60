import { EtlError, type TablesManifest } from "@spacex-etl/contracts";
import { type ObjectStore, readTables, type Stored } from "@spacex-etl/lake-writers";
import { type LoadReport, type LoadRequest, loadRun, requestOfRun } from "@spacex-etl/warehouse-loaders";
import type { PipelineConfig } from "../config/index.ts";
import type { Session } from "../session/session.ts";

/** Tables zone → warehouse. */
export async function loadStep(session: Session, runId: string): Promise<LoadReport> {
  const { config, store, onEvent, signal, checkpoint } = session;
  const request = loadRequest(config, store, await readTables(store, runId, signal));
  const loader = await session.loader();
  // A service does the work itself; it needs no DuckDB here, not even an idle one.
  if (config.warehouse.kind === "duckdb") await useAllThreads(session);
  return loadRun(loader, request, { onEvent, signal, checkpoint });
}

/** For the rest of this DuckDB's life: what follows the load, if anything, opens another. */
async function useAllThreads(session: Session): Promise<void> {
  const { loadThreads } = await import("@spacex-etl/warehouse-loaders/duckdb");
  const { connection } = await session.engine();
  await connection.run(`SET threads = ${loadThreads()}`);
}

/** The run's tables as the loader wants them: by location, with what the manifest proves of them. */
export function loadRequest(
  config: PipelineConfig,
  store: ObjectStore,
  { document, ref }: Stored<TablesManifest>,
): LoadRequest {
  if (document.source !== config.source && config.origin.source === "flag") {
    throw new EtlError({
      kind: "usage",
      code: "RUN_SOURCE",
      message: `The run ${document.runId} is of source ${document.source}, not ${config.source}.`,
      hint: "Leave out --source, or choose a run of that source.",
    });
  }
  const { allowDeletes, allowSourceChange } = config;
  return requestOfRun({ document, ref }, store, { allowDeletes, allowSourceChange });
}
