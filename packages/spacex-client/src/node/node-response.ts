import type { IncomingMessage } from "node:http";
import { pipeline, type Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { type BodyReader, DIRECT_READER } from "../http/index.ts";
import { bodyReader } from "./body-reader.ts";
import type { Exchange } from "./exchange.ts";

/** Large pieces: each costs a turn through the thread pool. */
const DECODED_CHUNK = { chunkSize: 256 * 1024 };

const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** An answer as `fetch` gives it, with a reader of its body beside the stream. */
export function responseOf(
  message: IncomingMessage,
  sent: Exchange,
  redirected: boolean,
  signal: AbortSignal,
): Response {
  const status = message.statusCode ?? 0;
  try {
    const head = { status, headers: headersOf(message) };
    if (NO_BODY.has(status) || sent.method === "HEAD") {
      const empty = named(new Response(null, head), sent.url, redirected);
      // Gives the connection back; whatever goes wrong with it now concerns nobody.
      message.on("error", () => undefined);
      message.resume();
      return empty;
    }
    const read = onlyReader(message, signal);
    const body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const { value } = await read().read();
          if (value === undefined) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => void (await read().cancel()),
      },
      { highWaterMark: 0 },
    );
    const response = named(new Response(body, head), sent.url, redirected);
    Object.defineProperty(response, DIRECT_READER, { value: read });
    return response;
  } catch (cause) {
    message.on("error", () => undefined);
    message.destroy();
    throw new TypeError("fetch failed", { cause });
  }
}

/** The one reader of a body, made when it is first asked for. An abort breaks the body off with the signal's reason. */
function onlyReader(message: IncomingMessage, signal: AbortSignal): () => BodyReader {
  const source = decoded(message);
  const onAbort = (): void =>
    void source.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", onAbort, { once: true });
  const done = (): void => signal.removeEventListener("abort", onAbort);
  // Until somebody reads: an error must not end the process, nor a forgotten body hold the signal.
  source.on("error", done);
  source.on("close", done);
  let reader: BodyReader | undefined;
  return () => (reader ??= bodyReader(source, done));
}

/**
 * @throws Error for a coding that nobody asked for. A compressed body that ends too early is an error of the stream.
 */
function decoded(message: IncomingMessage): Readable {
  const codings = (message.headers["content-encoding"] ?? "")
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
  // The last one named was applied last.
  const decoders = codings.reverse().map(decoderOf);
  const last = decoders.at(-1);
  if (last === undefined) return message;
  pipeline([message, ...decoders], () => undefined);
  return last;
}

function decoderOf(coding: string): Transform {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip(DECODED_CHUNK);
    case "deflate":
      return createInflate(DECODED_CHUNK);
    case "br":
      return createBrotliDecompress(DECODED_CHUNK);
    default:
      throw new Error(`content-encoding ${JSON.stringify(coding.slice(0, 20))} is not known`);
  }
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    headers.append(rawHeaders[index] ?? "", rawHeaders[index + 1] ?? "");
  return headers;
}

/** What the constructor of `Response` cannot set. */
function named(response: Response, url: URL, redirected: boolean): Response {
  const address = new URL(url);
  address.hash = "";
  return Object.defineProperties(response, {
    url: { value: address.href },
    redirected: { value: redirected },
  });
}
