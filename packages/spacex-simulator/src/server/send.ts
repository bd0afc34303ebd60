import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Verdict } from "../faults/index.ts";
import type { Answer, AnswerBody } from "./answer.ts";

/**
 * Sends an answer, no faster than the client takes it, and damages its body if the verdict says so. Returns when all
 * is handed over or the client has gone.
 */
export async function send(response: ServerResponse, answer: Answer, verdict: Verdict): Promise<void> {
  const { body } = answer;
  const head = response.req.method === "HEAD";
  const headers: Record<string, string> = { ...answer.headers };
  if (body?.announced === true) headers["content-length"] = String(body.bytes);
  response.writeHead(answer.status, headers);
  if (verdict.strike === "reset") {
    if (body !== undefined && !head) await writePart(response, body, verdict.cutAt);
    response.socket?.resetAndDestroy();
    return;
  }
  if (body === undefined || head) {
    response.end();
    return;
  }
  if (verdict.strike === "truncate") {
    await writePart(response, body, verdict.cutAt);
    // With a length announced the connection has to end for the client to notice; chunks can end as if all were well.
    if (body.announced) response.socket?.end();
    else response.end();
    return;
  }
  const drained = watchDrain(response);
  for (const piece of body.pieces) {
    if (!response.write(piece)) {
      await drained();
      // Pipelined answers may drain into a queue that still reads the pieces.
      if (response.writableLength === 0) body.memory?.reclaim();
    }
    if (response.destroyed) return;
  }
  response.end();
}

async function writePart(response: ServerResponse, body: AnswerBody, cutAt: number): Promise<void> {
  let left = Math.max(1, Math.min(Math.floor(body.bytes * cutAt), body.bytes - 1));
  const closed = once(response, "close");
  for (const piece of body.pieces) {
    const part = piece.subarray(0, left);
    left -= part.length;
    // Waits until it is handed to the system, so that the client gets it before the connection breaks.
    const written = new Promise<void>((resolve) => {
      response.write(part, () => resolve());
    });
    await Promise.race([written, closed]);
    if (left === 0 || response.destroyed) return;
  }
}

/** Waits until all is handed to the system or the client has gone. One pair of listeners for a whole body. */
function watchDrain(response: ServerResponse): () => Promise<void> {
  let wake: (() => void) | undefined;
  const onEvent = () => wake?.();
  response.on("drain", onEvent).on("close", onEvent);
  return async () => {
    if (response.destroyed || !response.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  };
}
