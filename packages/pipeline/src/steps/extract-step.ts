import { extract, type ExtractObserver, type ExtractResult } from "@spacex-etl/lake-writers";
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

/** What takes longest to become tables is read first, so that the others are read meanwhile. */
const FIRST: readonly CollectionName[] = ["starlink", "launches", "payloads"];

function largestFirst(names: readonly CollectionName[]): readonly CollectionName[] {
  const first = FIRST.filter((name) => names.includes(name));
  return [...first, ...names.filter((name) => !first.includes(name))];
}

/**
 * API → raw zone.
 *
 * @param observer hears of what is stored
 */
export async function extractStep(
  session: Session,
  runId: string,
  observer?: ExtractObserver,
): Promise<ExtractResult> {
  const { config, store, onEvent, signal, checkpoint } = session;
  const { client } = await session.api();
  return extract({
    store,
    runId,
    source: config.source,
    collections: largestFirst(config.collections as readonly CollectionName[]).map((name) => ({
      spec: collections[name],
      source: client.recordSource(name),
    })),
    compression: config.compression,
    maxInvalid: config.maxInvalid,
    strict: config.strict,
    useEtags: config.etag,
    observer,
    onEvent,
    signal,
    checkpoint,
  });
}
