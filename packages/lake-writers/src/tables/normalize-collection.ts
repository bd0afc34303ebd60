import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Checkpoint,
  type CollectionManifest,
  type CollectionSpec,
  type DuckDBConnectionLike,
  EtlError,
  isChild,
  type RawPart,
  sha256Hex,
  type TableEntry,
  type TablePart,
  type TableSpec,
} from "@spacex-etl/contracts";
import { tablePartKey } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { storeObject } from "../store/objects.ts";
import { hashBody } from "../store/read.ts";
import { batches } from "./batch-cut.ts";
import { allOrFirstFailure, type Pool } from "./pool.ts";
import { type Spool, spoolOf } from "./spool.ts";
import { appendToBatch, BATCH, copyToParquet, countBatch, createBatch, selectTable } from "./sql.ts";

export interface NormalizeContext {
  readonly store: ObjectStore;
  readonly runId: string;
  /** Each makes one batch at a time. */
  readonly connections: Pool<DuckDBConnectionLike>;
  /** How many batches may have files in the work folder: those that are being made, the next one and those on their way. */
  readonly batches: Pool<number>;
  /** Of them, how many may have raw parts there: those that are being made, and the next one. */
  readonly spools: Pool<number>;
  /** How many parts may be on their way to the store. */
  readonly transfers: Pool<number>;
  readonly workFolder: string;
  readonly batchBytes: number;
  readonly checkpoint: Checkpoint;
  /** Aborted by the caller, or by the first failure: then its reason is that. */
  readonly signal: AbortSignal;
  /** Aborts the signal. */
  readonly stop: (reason: unknown) => void;
}

/** A context with the connection on which a batch is made. */
interface BatchContext extends NormalizeContext {
  readonly connection: DuckDBConnectionLike;
}

/** A batch that was begun before: its parts by table, or undefined if it failed. */
export type EarlierBatch = (
  spec: CollectionSpec,
  number: number,
  batch: readonly RawPart[],
) => Promise<readonly (TablePart | undefined)[] | undefined> | undefined;

/**
 * Turns a collection's raw parts into Parquet parts of all its tables. Equal input gives equal files, however many
 * batches are made at the same time.
 *
 * @param onStart called when its first batch begins
 */
export async function normalizeCollection(
  context: NormalizeContext,
  spec: CollectionSpec,
  manifest: CollectionManifest,
  onStart: () => void,
  earlier: EarlierBatch = () => undefined,
): Promise<TableEntry[]> {
  const cut = batches(manifest.parts, context.batchBytes);
  if (cut.length === 0) onStart();
  const made = await allOrFirstFailure(
    cut.map(async (batch, number) => {
      const begin = (): void => {
        if (number === 0) onStart();
      };
      const begun = earlier(spec, number, batch);
      if (begun === undefined) return makeBatch(context, spec, batch, number, { begin });
      begin();
      const parts = await begun;
      return parts ?? makeBatch(context, spec, batch, number);
    }),
    context.stop,
  );
  return spec.tables.map((table, index) => {
    const parts = made.flatMap((batch) => batch[index] ?? []);
    return {
      spec: table,
      rows: parts.reduce((sum, { rows }) => sum + rows, 0),
      parts,
      contentSha256: sha256Hex(parts.map(({ sha256 }) => sha256).join("\n")),
    };
  });
}

/** One batch in the store: its parts in the tables' order. */
export async function makeBatch(
  context: NormalizeContext,
  spec: CollectionSpec,
  batch: readonly RawPart[],
  number: number,
  { begin, through }: { readonly begin?: () => void; readonly through?: () => void } = {},
): Promise<(TablePart | undefined)[]> {
  return context.batches.use(async () => {
    const storing = await context.spools.use(async () => {
      context.signal.throwIfAborted();
      await using spool = spoolOf(context, batch);
      spool.begin();
      return await context.connections.use((connection) => {
        context.signal.throwIfAborted();
        begin?.();
        return normalizeBatch({ ...context, connection }, spec, { batch, spool, number });
      });
    });
    through?.();
    return allOrFirstFailure(storing, context.stop);
  });
}

/**
 * One Parquet part per table, in the tables' order; none where a child table has no rows. They are on their way to the
 * store when DuckDB is through with the batch, so that its connection need not wait for a disk or a network.
 */
async function normalizeBatch(
  context: BatchContext,
  spec: CollectionSpec,
  {
    batch,
    spool,
    number,
  }: { readonly batch: readonly RawPart[]; readonly spool: Spool; readonly number: number },
): Promise<Promise<TablePart | undefined>[]> {
  const storing: Promise<TablePart | undefined>[] = [];
  try {
    await execute(context, spec, createBatch(spec.tables));
    await spool.each(async ({ contentBytes }, file) => {
      await execute(context, spec, appendToBatch(spec.tables, file, contentBytes));
    });
    await checkBatch(context, spec, batch);
    for (const table of spec.tables) {
      const file = join(context.workFolder, `${randomUUID()}.parquet`);
      const rows = await makePart(context, spec, table, file);
      const part = context.transfers.use(() => storePart(context, table, { file, rows }, number));
      part.catch(context.stop);
      storing.push(part);
    }
    return storing;
  } catch (error) {
    await Promise.allSettled(storing);
    throw error;
  } finally {
    // A failure must not leave the batch in the caller's memory, nor be hidden by one here.
    await context.connection.run(`DROP TABLE IF EXISTS ${BATCH}`).catch(() => undefined);
  }
}

async function checkBatch(
  context: BatchContext,
  spec: CollectionSpec,
  batch: readonly RawPart[],
): Promise<void> {
  const [counted] = await execute(context, spec, countBatch(spec.tables));
  const expected = batch.reduce((sum, { rows }) => sum + rows, 0);
  if (Number(counted?.["rows"]) === expected && Number(counted?.["nulls"]) === 0) return;
  throw new EtlError({
    kind: "integrity",
    code: "PART_ROWS",
    message:
      `${spec.name}: the parts ${batch.map(({ path }) => path).join(", ")} hold ${String(counted?.["rows"])} records, ` +
      `${String(counted?.["nulls"])} of them without a key; their manifest says ${expected}.`,
    hint: "The manifest or the parts are wrong. Run again under a new run id.",
  });
}

/** Returns the number of rows. */
async function makePart(
  context: BatchContext,
  spec: CollectionSpec,
  table: TableSpec,
  file: string,
): Promise<number> {
  const [copied] = await execute(context, spec, copyToParquet(selectTable(table, spec.tables), file));
  return Number(copied?.["Count"]);
}

async function storePart(
  context: BatchContext,
  table: TableSpec,
  { file, rows }: { readonly file: string; readonly rows: number },
  number: number,
): Promise<TablePart | undefined> {
  try {
    context.signal.throwIfAborted();
    if (rows === 0 && isChild(table)) return undefined;
    const { sha256, bytes } = await hashBody({ file });
    const path = tablePartKey(table.name, context.runId, number, sha256);
    const part: TablePart = { path, rows, bytes, sha256, runId: context.runId };
    const { store, runId, checkpoint, signal } = context;
    const metadata = { "run-id": runId, table: table.name };
    await storeObject(store, part, { file }, { metadata, checkpoint, signal });
    return part;
  } finally {
    await rm(file, { force: true });
  }
}

async function execute(
  context: BatchContext,
  spec: CollectionSpec,
  sql: string,
): Promise<Record<string, unknown>[]> {
  context.signal.throwIfAborted();
  try {
    return (await context.connection.runAndReadAll(sql)).getRowObjectsJson();
  } catch (cause) {
    context.signal.throwIfAborted();
    const message = cause instanceof Error ? cause.message : String(cause);
    if (/out of memory|no space left|could not allocate/i.test(message)) {
      throw new EtlError({
        kind: "destination",
        code: "NORMALIZE_RESOURCES",
        message: `${spec.name}: not enough memory or disk to make the tables: ${message}`,
        hint: "Give more with --memory-limit, or free some disk, and run the same command again.",
        cause,
      });
    }
    throw new EtlError({
      kind: "data",
      code: "NORMALIZE_FAILED",
      message: `${spec.name}: the records do not become tables: ${message}`,
      hint: "The schema accepts what the tables cannot hold. The records are safe in the raw zone.",
      cause,
    });
  }
}
