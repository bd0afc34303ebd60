import { type BodyReader, readerOf } from "./direct-reader.ts";
import { failureOfBody, failureOfStall } from "./failure.ts";
import { type RequestLine, SpaceXRequestError } from "./request-error.ts";

/**
 * The bytes of a body as they arrive. Ends early by cancelling, which closes the connection.
 *
 * @throws SpaceXRequestError, retryable, where the connection breaks or where no byte comes for `stallMs`. The time that the reader
 *   itself takes between two chunks does not count. The signal's reason where it is aborted.
 */
export async function* bodyChunks(
  response: Response,
  request: RequestLine,
  stallMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = readerOf(response);
  if (reader === undefined) return;
  let received = 0;
  let done = false;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const chunk = reader.take?.() ?? (await nextChunk(reader, request, stallMs, signal, received));
      if (chunk === undefined) {
        done = true;
        return;
      }
      received += chunk.byteLength;
      if (chunk.byteLength > 0) yield chunk;
    }
  } finally {
    // Not awaited: a stalled source may never answer a cancel.
    if (!done) void reader.cancel().catch(() => undefined);
  }
}

/** One read, unless the time is over or the signal is aborted before; undefined at the end of the body. */
function nextChunk(
  reader: BodyReader,
  request: RequestLine,
  stallMs: number,
  signal: AbortSignal | undefined,
  received: number,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      act();
    };
    const onAbort = (): void => settle(() => reject(signal?.reason));
    let timer = setTimeout(() => {
      // A busy process runs its timers before it looks at its sockets: let it look once.
      timer = setTimeout(
        () => settle(() => reject(failureOfStall(request, stallMs, received))),
        Math.min(stallMs, 50),
      );
    }, stallMs);
    if (signal?.aborted === true) {
      onAbort();
      return;
    }
    signal?.addEventListener("abort", onAbort);
    reader.read().then(
      ({ value }) => settle(() => resolve(value)),
      (cause: unknown) =>
        settle(() =>
          reject(signal?.aborted === true ? signal.reason : failureOfBody(request, received, cause)),
        ),
    );
  });
}

/** The start of an error's body as text; what does not arrive in time is left out. */
export async function boundedText(
  response: Response,
  request: RequestLine,
  stallMs: number,
  signal: AbortSignal | undefined,
  maxBytes = 4096,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const deadline = performance.now() + stallMs;
  let bytes = 0;
  try {
    for await (const chunk of bodyChunks(response, request, stallMs, signal)) {
      text += decoder.decode(chunk.subarray(0, maxBytes - bytes), { stream: true });
      bytes += chunk.byteLength;
      if (bytes >= maxBytes || performance.now() > deadline) break;
    }
  } catch (error) {
    if (signal?.aborted === true || !SpaceXRequestError.isInstance(error)) throw error;
  }
  return text.trim();
}
