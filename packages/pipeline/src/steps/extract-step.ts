import { extract, type ExtractResult } from "@spacex-etl/lake-writers";
import { type CollectionName, collections } from "@spacex-etl/spacex-client/tables";
import type { Session } from "../session/session.ts";

/**
 * Opens the API and derives the tables of the configured collections ahead of the step. What fails here fails again in
 * the step, which reports it.
 */
export async function prepareExtract(session: Session): Promise<void> {
  try {
    await session.api();
    for (const name of session.config.collections as readonly CollectionName[]) void collections[name];
  } catch {
    // The step throws the same.
  }
}

/** API → raw zone. */
export async function extractStep(session: Session, runId: string): Promise<ExtractResult> {
  const { config, store, onEvent, signal, checkpoint } = session;
  const { client } = await session.api();
  return extract({
    store,
    runId,
    source: config.source,
    collections: (config.collections as readonly CollectionName[]).map((name) => ({
      spec: collections[name],
      source: client.recordSource(name),
    })),
    compression: config.compression,
    maxInvalid: config.maxInvalid,
    strict: config.strict,
    useEtags: config.etag,
    onEvent,
    signal,
    checkpoint,
  });
}
