import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { RawPart } from "@spacex-etl/contracts";
import type { ObjectStore } from "../store/object-store.ts";
import { copyObject, verifyObject } from "../store/read.ts";

/** The parts of one batch as files of this machine, in their order; disposed of when nothing reads them any more. */
export interface Spool extends AsyncDisposable {
  /** Begins to copy what is read first. */
  begin(): void;
  /** Gives the work each part's file, after its bytes were proven. The next part is copied meanwhile. */
  each(work: (part: RawPart, file: string) => Promise<void>): Promise<void>;
}

/** A store on this machine is read in its place; from any other a part is copied shortly before it is needed. */
export function spoolOf(
  context: { readonly store: ObjectStore; readonly workFolder: string; readonly signal: AbortSignal },
  batch: readonly RawPart[],
): Spool {
  const { store } = context;
  return store.localPath === undefined ? copies(context, batch) : inPlace(context, store.localPath, batch);
}

function inPlace(
  { store, signal }: { readonly store: ObjectStore; readonly signal: AbortSignal },
  localPath: (key: string) => string,
  batch: readonly RawPart[],
): Spool {
  return {
    begin: () => undefined,
    async each(work) {
      for (const part of batch) {
        await verifyObject(store, part, signal);
        await work(part, localPath(part.path));
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function copies(
  context: { readonly store: ObjectStore; readonly workFolder: string; readonly signal: AbortSignal },
  batch: readonly RawPart[],
): Spool {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  /** By position; removed with its file. */
  const copied = new Map<number, { readonly file: string; readonly done: Promise<void> }>();

  function copy(index: number, part: RawPart): { readonly file: string; readonly done: Promise<void> } {
    const known = copied.get(index);
    if (known !== undefined) return known;
    const file = join(context.workFolder, `${randomUUID()}-${basename(part.path)}`);
    const done = copyObject(context.store, part, file, signal);
    // Whoever needs the part hears of it; a failure of one that nobody comes to need is nothing.
    done.catch(() => undefined);
    const copying = { file, done };
    copied.set(index, copying);
    return copying;
  }

  async function remove(index: number): Promise<void> {
    const copying = copied.get(index);
    if (copying === undefined) return;
    await copying.done.catch(() => undefined);
    // What cannot be removed goes with the work folder.
    await rm(copying.file, { force: true }).catch(() => undefined);
    copied.delete(index);
  }

  return {
    begin() {
      for (const [index, part] of batch.slice(0, 1).entries()) copy(index, part);
    },
    async each(work) {
      for (const [index, part] of batch.entries()) {
        const { file, done } = copy(index, part);
        const next = batch[index + 1];
        if (next !== undefined) copy(index + 1, next);
        await done;
        await work(part, file);
        await remove(index);
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new DOMException("The batch has ended.", "AbortError"));
      await Promise.all([...copied.keys()].map(remove));
    },
  };
}
