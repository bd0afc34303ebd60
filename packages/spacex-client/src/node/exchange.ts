import { type Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** One request, complete. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: Buffer | undefined;
}

/**
 * Sends one request and resolves with the head of its answer.
 *
 * @throws TypeError with a cause, as `fetch` does; the signal's reason where it is aborted.
 */
export async function exchange(
  sent: Exchange,
  agent: ((url: URL) => Agent | undefined) | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  for (let again = false; ; again = true) {
    const request = requestOf(sent, agent);
    try {
      return await answerOf(request, sent.body, signal);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      // The server closed an idle connection in the moment in which it was used again.
      const wasIdle = request.reusedSocket && (cause as { code?: unknown }).code === "ECONNRESET";
      if (wasIdle && !again && sent.method === "GET") continue;
      throw new TypeError("fetch failed", { cause });
    }
  }
}

function requestOf(sent: Exchange, agent: ((url: URL) => Agent | undefined) | undefined): ClientRequest {
  const { url, method, body } = sent;
  const headers: Record<string, string> = Object.fromEntries(sent.headers);
  // Of all codings it costs the least to decode.
  headers["accept-encoding"] ??= "gzip";
  if (body !== undefined) headers["content-length"] = String(body.byteLength);
  const chosen = agent?.(url);
  const options = { method, headers, ...(chosen === undefined ? {} : { agent: chosen }) };
  return url.protocol === "https:" ? httpsRequest(url, options) : httpRequest(url, options);
}

function answerOf(
  request: ClientRequest,
  body: Buffer | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => void request.destroy(new Error("aborted"));
    signal.addEventListener("abort", onAbort, { once: true });
    request.once("response", (message) => {
      signal.removeEventListener("abort", onAbort);
      resolve(message);
    });
    // Stays on: an error after the answer's head belongs to the body, which tells of it itself.
    request.on("error", (error) => {
      signal.removeEventListener("abort", onAbort);
      reject(error);
    });
    if (signal.aborted) onAbort();
    else request.end(body);
  });
}
