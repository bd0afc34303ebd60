import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { EtlError } from "@spacex-etl/contracts/errors";
import { retryPause, watch, type Watch } from "../remote/index.ts";
import { objectNotFound } from "../store/object-not-found.ts";
import { bucketFields } from "./fields.ts";
import { failureOf } from "./failure.ts";
import type { Requests } from "./requests.ts";

/** An answer that breaks off after less than this brought nothing. */
const PROGRESS_BYTES = 64 * 1024;

/** An answer that has begun; its body comes under a watch of its own. */
interface Opened {
  readonly output: GetObjectCommandOutput;
  readonly watching: Watch;
}

/**
 * The object's bytes, exactly once and in order: what breaks off or stalls is asked for again from the byte that was
 * reached, of the same version of the object, until answers bring nothing for as long as the deadline.
 *
 * @throws EtlError of kind `integrity`: `OBJECT_NOT_FOUND`, `OBJECT_CHANGED`
 */
export async function* readObjectFrom(
  requests: Requests,
  key: string,
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { settings, url } = requests;
  let at = 0;
  let total: number | undefined;
  let etag: string | undefined;
  let ends = performance.now() + settings.deadlineMs;
  for (let fruitless = 1; ; fruitless++) {
    const opened = await open(requests, key, name, { at, etag, signal });
    if (opened === "ended" && total === undefined) return;
    if (opened === "ended") throw changed(key, url);
    const { output, watching } = opened;
    if (at === 0) total = output.ContentLength;
    etag ??= output.ETag;
    const began = at;
    const chunks = chunksOf(output, watching, output.ContentRange === undefined ? at : 0);
    let broken: unknown;
    try {
      for (;;) {
        const next = await chunks.next().catch((error: unknown) => ({ error }));
        if ("error" in next) broken = next.error;
        if ("error" in next || next.done === true) break;
        at += next.value.byteLength;
        if (total !== undefined && at > total) throw changed(key, url);
        yield next.value;
      }
    } finally {
      await chunks.return(undefined);
    }
    signal?.throwIfAborted();
    if (
      broken === undefined ? total === undefined || at === total : at === total && failureOf(broken).network
    )
      return;
    if (at - began >= PROGRESS_BYTES) {
      fruitless = 1;
      ends = performance.now() + settings.deadlineMs;
    }
    const { error, retry, reason } = requests.problem("read", key, broken ?? brokenOff(at, total), fruitless);
    const delayMs = retryPause(fruitless);
    if (!retry || performance.now() + delayMs > ends) throw error;
    settings.onRetry?.({
      what: `read ${key} in ${url} from byte ${at}`,
      attempt: fruitless,
      delayMs,
      reason,
    });
    await sleep(delayMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

interface From {
  readonly at: number;
  readonly etag: string | undefined;
  readonly signal: AbortSignal | undefined;
}

async function open(requests: Requests, key: string, name: string, from: From): Promise<Opened | "ended"> {
  const { at, etag, signal } = from;
  const opened = await requests.send<Opened | "missing" | "changed" | "ended">({
    action: "read",
    key,
    signal,
    async send(request) {
      const watching = watch(requests.settings.stallMs, signal);
      watching.pause();
      request.signal.addEventListener("abort", watching.end, { once: true });
      try {
        const command = new request.sdk.GetObjectCommand({
          ...bucketFields(requests.settings),
          Key: name,
          ...(at === 0 ? {} : { Range: `bytes=${at}-` }),
          ...(at === 0 || etag === undefined ? {} : { IfMatch: etag }),
        });
        const output = await request.client.send(command, { abortSignal: watching.signal });
        return { output, watching };
      } catch (error) {
        watching.end();
        throw error;
      } finally {
        request.signal.removeEventListener("abort", watching.end);
      }
    },
    settles({ status, code, objectBytes }) {
      if (status === 404 && code !== "NoSuchBucket") return "missing";
      // Of an answer without a length nobody knows whether it was whole; this says so.
      if (at > 0 && status === 416 && objectBytes === at) return "ended";
      return at > 0 && (status === 412 || status === 416) ? "changed" : undefined;
    },
  });
  if (opened === "missing") throw objectNotFound(key, requests.url);
  if (opened === "changed") throw changed(key, requests.url);
  return opened;
}

/** The body without its first bytes; nothing of it is left open, however it ends. */
async function* chunksOf(
  output: GetObjectCommandOutput,
  watching: Watch,
  skip: number,
): AsyncGenerator<Uint8Array, undefined> {
  const { Body: body } = output;
  const stop = (): void => {
    if (body instanceof Readable) body.destroy(watching.signal.reason as Error);
  };
  try {
    if (!(body instanceof Readable)) throw new TypeError("S3 answered without a body.");
    body.on("error", () => undefined);
    watching.signal.addEventListener("abort", stop, { once: true });
    let left = skip;
    watching.touch();
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      // The consumer may take its time.
      watching.pause();
      if (left < chunk.byteLength) yield left === 0 ? chunk : chunk.subarray(left);
      left = Math.max(0, left - chunk.byteLength);
      watching.touch();
    }
    return undefined;
  } catch (error) {
    throw watching.signal.aborted ? watching.signal.reason : error;
  } finally {
    watching.signal.removeEventListener("abort", stop);
    // Also what an SDK puts before the socket goes with the request.
    watching.end();
  }
}

function brokenOff(at: number, total: number | undefined): Error {
  const message = `the answer ended after ${at} of ${total} bytes`;
  return Object.assign(new Error(message), { code: "ECONNRESET" });
}

function changed(key: string, url: string): EtlError {
  return new EtlError({
    kind: "integrity",
    code: "OBJECT_CHANGED",
    message: `${key} in ${url} was changed while it was read; objects of a lake never change.`,
    hint: "Find out what else writes to the bucket. `spacex-etl verify` lists everything that is wrong.",
    details: { path: key },
  });
}
