import type { Readable } from "node:stream";
import type { BodyReader } from "../http/index.ts";

/** Bytes that may lie ready before the source is told to wait, and how few make it go on: each change costs. */
const READY_BYTES = 256 * 1024;
const FEW_BYTES = READY_BYTES / 2;

/**
 * Reads a stream piece by piece without copying and without a stream on top. One read at a time. `finished` is called
 * once, when no more will come.
 */
export function bodyReader(source: Readable, finished: () => void): BodyReader {
  const ready: Uint8Array[] = [];
  let readyBytes = 0;
  let failure: unknown;
  let state: "open" | "ended" | "failed" = "open";
  let wake: (() => void) | undefined;
  let waking: NodeJS.Immediate | undefined;

  const woken = (): void => {
    clearImmediate(waking);
    waking = undefined;
    wake?.();
    wake = undefined;
  };
  const settle = (next: "ended" | "failed", error?: unknown): void => {
    if (state !== "open") return;
    state = next;
    failure = error;
    finished();
    woken();
  };
  // It may be over before anybody asked for it.
  if (source.errored !== null) settle("failed", source.errored);
  else if (source.destroyed) settle("failed", new Error("terminated"));
  source.on("data", (chunk: Uint8Array) => {
    ready.push(chunk);
    readyBytes += chunk.byteLength;
    if (readyBytes >= READY_BYTES) {
      source.pause();
      woken();
    } else if (wake !== undefined) {
      // A socket gives what it has in pieces, one right after the other: whoever waits gets them together.
      waking ??= setImmediate(woken);
    }
  });
  source.on("end", () => settle("ended"));
  source.on("error", (error) => settle("failed", error));
  source.on("close", () => settle("failed", new Error("terminated")));

  const take = (): Uint8Array | undefined => {
    const chunk = ready.shift();
    if (chunk === undefined) return undefined;
    readyBytes -= chunk.byteLength;
    if (readyBytes < FEW_BYTES && source.isPaused()) source.resume();
    return chunk;
  };

  return {
    take,
    read: async () => {
      for (;;) {
        const value = take();
        if (value !== undefined) return { value };
        if (state === "ended") return {};
        if (state === "failed") throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    cancel: async () => {
      ready.length = 0;
      settle("ended");
      source.destroy();
    },
  };
}
