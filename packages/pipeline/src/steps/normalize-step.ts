import { normalize, type NormalizeResult } from "@spacex-etl/lake-writers";
import { type CollectionName, collectionNames, collections } from "@spacex-etl/spacex-client/tables";
import type { Session } from "../session/session.ts";

/** Raw zone → typed tables. */
export async function normalizeStep(session: Session, runId: string): Promise<NormalizeResult> {
  const { store, onEvent, signal, checkpoint } = session;
  const { connection, moreConnections, workFolder } = await session.engine();
  return normalize({
    store,
    runId,
    collections: collectionNames.map((name: CollectionName) => collections[name]),
    connection,
    moreConnections,
    workFolder,
    onEvent,
    signal,
    checkpoint,
  });
}
