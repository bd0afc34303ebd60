import { setTimeout as sleep } from "node:timers/promises";
import type { ObjectStore } from "../src/index.ts";
import { temporaryLake, withoutLocalPath } from "./lake.ts";

export type StoreCall = "create" | "get" | "list" | "head" | "delete";

/** A lake behind a network: its files cannot be reached, and every call is counted and takes its time. */
export interface RemoteLake {
  readonly store: ObjectStore;
  /** Calls since the last time that it was asked. */
  calls(): Partial<Record<StoreCall, number>>;
  /** Most calls that were under way at the same time, by kind, since the last time that it was asked. */
  most(): Partial<Record<StoreCall, number>>;
  /** What every call came with. */
  readonly heard: { readonly call: StoreCall; readonly key: string; readonly options: object | undefined }[];
  /** Called before a call does anything. */
  before: ((call: StoreCall, key: string) => void | Promise<void>) | undefined;
}

export async function remoteLake(
  options: {
    readonly store?: ObjectStore;
    readonly delayMs?: number;
    readonly parallelCreates?: number;
  } = {},
): Promise<RemoteLake> {
  const inner = withoutLocalPath(options.store ?? (await temporaryLake()));
  let counts: Partial<Record<StoreCall, number>> = {};
  let peaks: Partial<Record<StoreCall, number>> = {};
  const underWay: Partial<Record<StoreCall, number>> = {};

  async function begin(call: StoreCall, key: string, given: object | undefined): Promise<void> {
    counts[call] = (counts[call] ?? 0) + 1;
    underWay[call] = (underWay[call] ?? 0) + 1;
    peaks[call] = Math.max(peaks[call] ?? 0, underWay[call]);
    lake.heard.push({ call, key, options: given });
    await lake.before?.(call, key);
    if (options.delayMs !== undefined) await sleep(options.delayMs);
  }
  const end = (call: StoreCall): void => void (underWay[call] = (underWay[call] ?? 0) - 1);
  async function counted<T>(
    call: StoreCall,
    key: string,
    given: object | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      await begin(call, key, given);
      return await work();
    } finally {
      end(call);
    }
  }
  async function* streamed<T>(
    call: StoreCall,
    key: string,
    given: object | undefined,
    items: () => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    try {
      await begin(call, key, given);
      yield* items();
    } finally {
      end(call);
    }
  }

  const lake: RemoteLake = {
    heard: [],
    before: undefined,
    calls() {
      const told = counts;
      counts = {};
      return told;
    },
    most() {
      const told = peaks;
      peaks = {};
      return told;
    },
    store: {
      url: "s3://bucket/lake",
      ...(options.parallelCreates === undefined ? {} : { parallelCreates: options.parallelCreates }),
      createIfAbsent: (key, body, given) =>
        counted("create", key, given, () => inner.createIfAbsent(key, body, given)),
      head: (key, given) => counted("head", key, given, () => inner.head(key, given)),
      delete: (key, given) => counted("delete", key, given, () => inner.delete(key, given)),
      get: (key, given) => streamed("get", key, given, () => inner.get(key, given)),
      list: (prefix, given) => streamed("list", prefix, given, () => inner.list(prefix, given)),
    },
  };
  return lake;
}
