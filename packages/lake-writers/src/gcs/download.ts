import type { Attempt } from "../remote/index.ts";
import { GcsFailure } from "./failure.ts";
import { drain, type GcsReply, readFailure } from "./reply.ts";

/** Runs an attempt until it succeeds or there is no hope. */
type Retrying = <T>(work: (attempt: Attempt) => Promise<T>) => Promise<T>;

/** Asks for the object's bytes from an offset on, of one generation once it is known. */
type RequestBytes = (from: number, generation: string | undefined) => Promise<GcsReply>;

/**
 * The object's bytes as they are stored. A connection that fails, stalls or ends early is followed by another that goes
 * on behind the last byte; every byte that arrives renews the deadline.
 */
export async function* download(request: RequestBytes, retrying: Retrying): AsyncGenerator<Uint8Array> {
  let offset = 0;
  let total: number | undefined;
  let generation: string | undefined;
  let answer: GcsReply | undefined;
  let skip = 0;

  async function begin(): Promise<GcsReply | undefined> {
    const opened = await request(offset, generation);
    if (offset > 0 && total === undefined && isEnd(opened, offset)) {
      await drain(opened);
      return undefined;
    }
    if (opened.status !== 200 && opened.status !== 206) throw await readFailure(opened);
    // Whoever ignores a range sends the object from its beginning.
    skip = opened.status === 200 ? offset : 0;
    generation ??= opened.headers.get("x-goog-generation") ?? undefined;
    const length = opened.headers.get("content-length");
    total ??= opened.status === 200 && length !== null ? Number(length) : undefined;
    return opened;
  }

  async function next(): Promise<Uint8Array | undefined> {
    answer ??= await begin();
    if (answer === undefined) return undefined;
    try {
      for (;;) {
        const chunk = await answer.next();
        if (chunk === undefined) {
          if (total === undefined || offset >= total) return undefined;
          throw new GcsFailure(`The answer ended after ${offset} of ${total} bytes.`, {
            step: "network",
            code: "TRUNCATED",
          });
        }
        const rest = chunk.subarray(skip);
        skip -= chunk.byteLength - rest.byteLength;
        offset += rest.byteLength;
        if (rest.byteLength > 0) return rest;
      }
    } catch (error) {
      answer.close();
      answer = undefined;
      throw error;
    }
  }

  try {
    for (let chunk = await retrying(next); chunk !== undefined; chunk = await retrying(next)) yield chunk;
  } finally {
    answer?.close();
  }
}

/** Of an answer without a length nobody knows whether it was whole; this says so. */
function isEnd({ status, headers }: GcsReply, offset: number): boolean {
  return status === 416 && headers.get("content-range") === `bytes */${offset}`;
}
