import { type CollectionSpec, parseRunId, type RawPart } from "@spacex-etl/contracts";
import type { ExtractObserver } from "../raw/extract-collection.ts";
import { type BatchCut, batchCut, batches } from "./batch-cut.ts";
import { batchBytesOf, type Lanes, type LanesOptions, openLanes } from "./lanes.ts";
import { type EarlierBatch, makeBatch, type NormalizeContext } from "./normalize-collection.ts";
import { pool } from "./pool.ts";

/** A run whose tables are begun while it is extracted, and how. */
export interface TablesAheadOptions extends LanesOptions {
  /** As for `normalize`. */
  readonly collections: readonly CollectionSpec[];
}

/**
 * Tables of a run that is being extracted. Give it to `extract` as `observer` and then to `normalize` as `ahead`; to be
 * disposed of after either fails and after normalize: that stops what is under way and waits for its end.
 */
export interface TablesAhead extends ExtractObserver, AsyncDisposable {
  readonly runId: string;
  /** For `normalize`: the connections, which serve what is under way too. Nothing more is begun ahead. */
  takeOver(): Promise<Lanes>;
  /** For `normalize`: the table parts of a batch, in the tables' order; undefined if it has to be made. */
  readonly taken: EarlierBatch;
}

/** The thread pool of Node has four threads; reading and compressing need some of them. */
const MOST_LANES_AHEAD = 2;

interface OpenCollection {
  readonly cut: BatchCut;
  parts: number;
  batches: number;
  /** Closed batches of a collection that may still turn out to be the same as before. */
  waiting: (() => void)[] | undefined;
}

/**
 * Turns raw parts into Parquet parts while others are being read, so that DuckDB and the reading each have a processor.
 * Commits nothing: what is not taken over by `normalize` stays behind as objects that no manifest names, for `gc`.
 * A collection whose parts are all those of earlier runs is left alone. A failure ends the work ahead and nothing else:
 * `normalize` makes what is missing, and throws if it fails again.
 */
export function tablesAhead(options: TablesAheadOptions): TablesAhead {
  const runId = parseRunId(options.runId);
  const batchBytes = batchBytesOf(options);
  const specs = new Map(options.collections.map((spec) => [spec.name, spec]));
  const connections = 1 + (options.moreConnections?.length ?? 0);
  // One processor is for the reading.
  const gate = pool(
    Array.from({ length: Math.min(Math.max(connections - 1, 1), MOST_LANES_AHEAD) }, () => 0),
  );
  const reading = new Map<string, OpenCollection>();
  const begun = new Map<string, ReturnType<EarlierBatch>>();
  const asked = new Set<string>();
  const underWay = new Set<Promise<void>>();
  let lanes: Promise<Lanes> | undefined;
  let ended = false;
  const end = (): void => void (ended = true);
  const openOnce = (): Promise<Lanes> => (lanes ??= openLanes({ ...options, runId }));

  function ask(spec: CollectionSpec, number: number, batch: readonly RawPart[]): void {
    const key = keyOf(spec, number, batch);
    if (ended || asked.has(key)) return;
    asked.add(key);
    const work = makeInTurn(key, spec, number, batch)
      .catch(end)
      .finally(() => underWay.delete(work));
    underWay.add(work);
  }

  async function makeInTurn(
    key: string,
    spec: CollectionSpec,
    number: number,
    batch: readonly RawPart[],
  ): Promise<void> {
    const storing = await gate.use(async () => {
      if (ended) return undefined;
      const { context } = await openOnce();
      if (ended) return undefined;
      const quiet: NormalizeContext = { ...context, stop: end };
      const { promise: free, resolve: letGo } = Promise.withResolvers<void>();
      const made = makeBatch(quiet, spec, batch, number, { through: letGo });
      const orNothing = made.catch(() => undefined);
      begun.set(key, orNothing);
      await Promise.race([free, orNothing]);
      return { made };
    });
    await storing?.made;
  }

  return {
    runId,
    part(collection, sequence, part) {
      const spec = specs.get(collection);
      if (spec === undefined || ended) return;
      // The first part again: the collection is read from its start again.
      if (sequence === 0) {
        reading.set(collection, { cut: batchCut(batchBytes), parts: 0, batches: 0, waiting: [] });
      }
      const state = reading.get(collection);
      if (state === undefined || state.parts++ !== sequence) return void reading.delete(collection);
      const batch = state.cut.add(part);
      if (batch !== undefined) {
        const number = state.batches++;
        const begin = (): void => ask(spec, number, batch);
        if (state.waiting === undefined) begin();
        else state.waiting.push(begin);
      }
      if (part.runId !== runId) return;
      for (const begin of state.waiting ?? []) begin();
      state.waiting = undefined;
    },
    collection(manifest) {
      reading.delete(manifest.collection);
      const spec = specs.get(manifest.collection);
      if (spec?.fingerprint !== manifest.schemaFingerprint || manifest.reused !== null) return;
      for (const [number, batch] of batches(manifest.parts, batchBytes).entries()) ask(spec, number, batch);
    },
    takeOver() {
      end();
      return openOnce();
    },
    taken: (spec, number, batch) => begun.get(keyOf(spec, number, batch)),
    async [Symbol.asyncDispose]() {
      end();
      const opened = await lanes?.catch(() => undefined);
      if (underWay.size > 0)
        opened?.context.stop(new DOMException("The tables are not wanted.", "AbortError"));
      await Promise.all(underWay);
      lanes = undefined;
      await opened?.[Symbol.asyncDispose]();
    },
  };
}

/** Of equal keys comes the same batch: the content, its order and the number in the names of its files. */
function keyOf(spec: CollectionSpec, number: number, batch: readonly RawPart[]): string {
  return [spec.name, number, ...batch.map(({ path, sha256 }) => `${path} ${sha256}`)].join("\n");
}
