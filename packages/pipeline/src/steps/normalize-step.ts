import {
  normalize,
  type NormalizeResult,
  tablesAhead,
  type TablesAhead,
  type TablesAheadOptions,
} from "@spacex-etl/lake-writers";
import { type CollectionName, collectionNames, collections } from "@spacex-etl/spacex-client/tables";
import type { Session } from "../session/session.ts";

/**
 * Raw zone → typed tables.
 *
 * @param ahead what was begun while the run was extracted
 */
export async function normalizeStep(
  session: Session,
  runId: string,
  ahead?: TablesAhead,
): Promise<NormalizeResult> {
  const names = ahead === undefined ? collectionNames : session.config.collections;
  return normalize({ ...(await optionsOf(session, runId, names)), ahead, onEvent: session.onEvent });
}

/** Begins the tables of a run that is about to be extracted. */
export async function beginTables(session: Session, runId: string): Promise<TablesAhead> {
  return tablesAhead(await optionsOf(session, runId, session.config.collections));
}

async function optionsOf(
  session: Session,
  runId: string,
  names: readonly string[],
): Promise<TablesAheadOptions> {
  const { store, signal, checkpoint } = session;
  const { connection, moreConnections, workFolder } = await session.engine();
  return {
    store,
    runId,
    collections: (names as readonly CollectionName[]).map((name) => collections[name]),
    connection,
    moreConnections,
    workFolder,
    signal,
    checkpoint,
  };
}
