import { Readable } from "node:stream";
import type { Storage } from "@google-cloud/storage";
import { EtlError } from "@spacex-etl/contracts/errors";
import { watch, type Watch } from "../remote/index.ts";
import { failureOf } from "./failure.ts";
import type { GcsSettings } from "./options.ts";
import { type GcsReply, replyOf } from "./reply.ts";

/** A body that is sent from its beginning with each attempt. */
export interface GcsBody {
  readonly bytes: number;
  read(): AsyncIterable<Uint8Array>;
}

export interface GcsRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** A path of the API with its query, or the whole address of an upload session. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: GcsBody | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * How many times as long a stall may last. A body that the system has taken but a slow network has not is mistaken for
   * one, so that every attempt to send it waits longer than the one before it. @default 1
   */
  readonly patience?: number | undefined;
}

/**
 * One request, once. Whatever the service answers is a reply.
 *
 * @throws GcsFailure if there is no answer, the signal's reason, or what reading the body threw
 */
export type SendRequest = (request: GcsRequest) => Promise<GcsReply>;

interface Client {
  readonly endpoint: string;
  readonly anonymous: boolean;
  readonly auth: Storage["authClient"];
}

type Transport = ReturnType<Storage["authClient"]["fromAPIKey"]>["transporter"];

/**
 * Requests with the library's credentials and HTTP transport. Not by its `Bucket` and `File`: they retry by themselves,
 * switched on and off in an object that all calls share, so that "exists" may be the answer to the second of two
 * attempts of which nobody saw the first; they cannot be aborted; and they decompress what they read.
 */
export function connect(settings: GcsSettings): SendRequest {
  let opening: Promise<Client> | undefined;
  let anonymous: Transport | undefined;

  function transportWithoutToken({ auth }: Client): Transport {
    // The key is never used: it makes a client that looks for no credentials, for its transport alone.
    return (anonymous ??= auth.fromAPIKey("none").transporter);
  }

  return async (request) => {
    opening ??= openClient(settings);
    const client = await opening;
    const watched = watch(settings.stallMs * (request.patience ?? 1), request.signal);
    const url = new URL(request.url, client.endpoint);
    // The address of an upload session is all that its requests need, wherever it is.
    const free = client.anonymous || url.origin !== new URL(client.endpoint).origin;
    const outgoing = request.body === undefined ? undefined : outgoingBody(request.body, watched);
    try {
      const headers = free ? new Headers() : await tokenHeaders(client, url, watched);
      const transport = free ? transportWithoutToken(client) : (await client.auth.getClient()).transporter;
      if (request.body !== undefined || request.method !== "GET") {
        headers.set("content-length", String(request.body?.bytes ?? 0));
      }
      for (const [name, value] of Object.entries(request.headers ?? {})) headers.set(name, value);
      headers.set("user-agent", "spacex-etl-lake-writers");
      headers.set("accept-encoding", "identity");
      const prepared = {
        method: request.method,
        url,
        headers,
        ...(outgoing === undefined ? {} : { data: outgoing.stream }),
        responseType: "stream" as const,
        signal: watched.signal,
        validateStatus: () => true,
        redirect: "manual" as const,
        retry: false,
        retryConfig: { retry: 0, noResponseRetries: 0 },
        noProxy: LOOPBACK,
        // An option of node-fetch, which the transport hands it to: bytes come as they are stored.
        compress: false,
      };
      const { status, headers: answered, data } = await transport.request<Readable | string>(prepared);
      return replyOf({ status, headers: answered, data, watched, sent: outgoing?.stream });
    } catch (error) {
      const { aborted, reason } = watched.signal;
      watched.end();
      outgoing?.stream.destroy();
      if (aborted && request.signal?.aborted === true) throw reason;
      if (outgoing?.broken() !== undefined) throw outgoing.broken();
      throw failureOf("network", aborted ? reason : error);
    }
  };
}

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

async function openClient({ client, endpoint }: GcsSettings): Promise<Client> {
  const storage = client ?? (await newClient(endpoint));
  return {
    endpoint: storage.apiEndpoint,
    anonymous: storage.customEndpoint && storage.useAuthWithCustomEndpoint !== true,
    auth: storage.authClient,
  };
}

async function newClient(endpoint: string | undefined): Promise<Storage> {
  const library = await import("@google-cloud/storage").catch((error: unknown) => {
    throw new EtlError({
      kind: "usage",
      code: "PEER_MISSING",
      message: "A lake at gs:// needs the package @google-cloud/storage, which cannot be loaded.",
      hint: "Install it: npm install @google-cloud/storage",
      cause: error,
    });
  });
  if (endpoint === undefined) return new library.Storage();
  // Over plain HTTP a token would be everybody's.
  const useAuthWithCustomEndpoint = endpoint.startsWith("https:");
  return new library.Storage({ apiEndpoint: endpoint, useAuthWithCustomEndpoint, projectId: "none" });
}

async function tokenHeaders({ auth }: Client, url: URL, watched: Watch): Promise<Headers> {
  try {
    const headers = new Headers(await watched.race(auth.getRequestHeaders(url)));
    watched.touch();
    return headers;
  } catch (error) {
    throw failureOf("token", error);
  }
}

/** The body as a stream of which each chunk is a sign of life, and what reading it threw. */
function outgoingBody(
  body: GcsBody,
  watched: Watch,
): { readonly stream: Readable; readonly broken: () => unknown } {
  let broken: unknown;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const iterator = body.read()[Symbol.asyncIterator]();
    // Not a loop over the body: the stream throws an error of the connection into the loop's own body.
    const next = (): Promise<IteratorResult<Uint8Array>> =>
      iterator.next().catch((error: unknown) => {
        broken = error;
        throw error;
      });
    try {
      for (let chunk = await next(); chunk.done !== true; chunk = await next()) {
        watched.touch();
        yield chunk.value;
      }
      watched.touch();
    } finally {
      await iterator.return?.();
    }
  }
  return { stream: Readable.from(chunks(), { objectMode: false }), broken: () => broken };
}
