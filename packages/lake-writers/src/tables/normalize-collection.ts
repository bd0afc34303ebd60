import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
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
import { storeObject } from "../raw/parts.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { copyObject, hashBody, verifyObject } from "../store/read.ts";
import { appendToBatch, BATCH, copyToParquet, countBatch, createBatch, selectTable } from "./sql.ts";

export interface NormalizeContext {
  readonly store: ObjectStore;
  readonly runId: string;
  readonly connection: DuckDBConnectionLike;
  readonly workFolder: string;
  readonly batchBytes: number;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal | undefined;
}

/** Turns a collection's raw parts into Parquet parts of all its tables. Equal input gives equal files. */
export async function normalizeCollection(
  context: NormalizeContext,
  spec: CollectionSpec,
  manifest: CollectionManifest,
): Promise<TableEntry[]> {
  const parts = new Map<TableSpec, TablePart[]>(spec.tables.map((table) => [table, []]));
  try {
    for (const batch of batches(manifest.parts, context.batchBytes)) {
      await execute(context, spec, createBatch(spec.tables));
      for (const part of batch) await appendPart(context, spec, part);
      await checkBatch(context, spec, batch);
      for (const [table, written] of parts) {
        const part = await writePart(context, spec, table, written.length);
        if (part !== undefined) written.push(part);
      }
    }
  } finally {
    // A failure must not leave the batch in the caller's memory, nor be hidden by one here.
    await context.connection.run(`DROP TABLE IF EXISTS ${BATCH}`).catch(() => undefined);
  }
  return [...parts].map(([table, written]) => ({
    spec: table,
    rows: written.reduce((sum, { rows }) => sum + rows, 0),
    parts: written,
    contentSha256: sha256Hex(written.map(({ sha256 }) => sha256).join("\n")),
  }));
}

/** Runs of whole parts; their sizes decide alone, so that a rerun cuts the same batches. */
function batches(parts: readonly RawPart[], batchBytes: number): RawPart[][] {
  const result: RawPart[][] = [];
  let room = 0;
  for (const part of parts) {
    if (part.contentBytes > room) {
      result.push([]);
      room = batchBytes;
    }
    result.at(-1)?.push(part);
    room -= part.contentBytes;
  }
  return result;
}

/** Loads a part after its bytes are proven: in place where the store is this machine's, else from a copy. */
async function appendPart(context: NormalizeContext, spec: CollectionSpec, part: RawPart): Promise<void> {
  const { store, signal } = context;
  if (store.localPath !== undefined) {
    await verifyObject(store, part, signal);
    await execute(context, spec, appendToBatch(spec.tables, store.localPath(part.path)));
    return;
  }
  const copy = join(context.workFolder, `${randomUUID()}-${basename(part.path)}`);
  try {
    await copyObject(store, part, copy, signal);
    await execute(context, spec, appendToBatch(spec.tables, copy));
  } finally {
    await rm(copy, { force: true });
  }
}

async function checkBatch(
  context: NormalizeContext,
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

async function writePart(
  context: NormalizeContext,
  spec: CollectionSpec,
  table: TableSpec,
  sequence: number,
): Promise<TablePart | undefined> {
  const file = join(context.workFolder, `${randomUUID()}.parquet`);
  try {
    const [copied] = await execute(context, spec, copyToParquet(selectTable(table, spec.tables), file));
    const rows = Number(copied?.["Count"]);
    if (rows === 0 && isChild(table)) return undefined;
    const { sha256, bytes } = await hashBody({ file });
    const path = tablePartKey(table.name, context.runId, sequence, sha256);
    const part: TablePart = { path, rows, bytes, sha256, runId: context.runId };
    await storeObject(context.store, part, { file }, context.checkpoint, context.signal);
    return part;
  } finally {
    await rm(file, { force: true });
  }
}

async function execute(
  context: NormalizeContext,
  spec: CollectionSpec,
  sql: string,
): Promise<Record<string, unknown>[]> {
  context.signal?.throwIfAborted();
  try {
    return (await context.connection.runAndReadAll(sql)).getRowObjectsJson();
  } catch (cause) {
    context.signal?.throwIfAborted();
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
