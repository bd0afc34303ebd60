import { EtlError } from "@spacex-etl/contracts";
import { answerFailure, BigQueryFailure, failureOf } from "./failure.ts";
import type { BigQuerySettings } from "./options.ts";

/** HTTP of `gaxios`, as every auth client has it. */
export interface Transport {
  request(options: object): Promise<{ readonly status: number; readonly data: unknown }>;
}

/** The part of an auth client of `google-auth-library` that is used here. */
interface Signer {
  getRequestHeaders(url?: string | URL): Promise<Headers>;
  readonly transporter: Transport;
}

/** The part of `BigQuery` of `@google-cloud/bigquery` that is used here, typed by structure: every client of version 9 fits. */
export interface BigQueryClient {
  /** `https://bigquery.googleapis.com`. */
  readonly apiEndpoint: string;
  readonly authClient: {
    getClient(): Promise<object>;
    /** Makes a client that looks for no credentials. */
    fromAPIKey(key: string): Signer;
  };
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** After `/bigquery/v2/projects/`: `my-project/datasets/raw`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>> | undefined;
  /** JSON. */
  readonly body?: object | undefined;
  /** A file that is sent with the body. */
  readonly upload?: Uint8Array | undefined;
  /** @default 60,000, and the time that the bytes of an upload may take */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One request, once.
 *
 * @returns The answer's JSON, or undefined where there is none.
 * @throws BigQueryFailure, or the signal's reason.
 */
export type SendRequest = (request: ApiRequest) => Promise<unknown>;

const REQUEST_MS = 60_000;
/** A slow line, in bytes per millisecond. */
const UPLOAD_RATE = 50;
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];
const SCOPES = ["https://www.googleapis.com/auth/bigquery", "https://www.googleapis.com/auth/cloud-platform"];

interface Connection {
  readonly endpoint: string;
  readonly transport: Transport;
  /** Undefined where nothing is signed. */
  readonly headers: ((url: URL) => Promise<Headers>) | undefined;
}

/**
 * Requests with the library's credentials and HTTP transport. Not by its `Job` and `Table`: they retry by themselves and
 * swallow the 409 of their own second attempt, so that nobody could tell whose job it is, and they cannot be aborted.
 */
export function connect(settings: BigQuerySettings): SendRequest {
  let opening: Promise<Connection> | undefined;

  return async (request) => {
    opening ??= open(settings).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    const timeout =
      (request.timeoutMs ?? REQUEST_MS) + Math.ceil((request.upload?.byteLength ?? 0) / UPLOAD_RATE);
    const late = AbortSignal.timeout(timeout);
    const signal = request.signal === undefined ? late : AbortSignal.any([request.signal, late]);
    let step: "token" | "network" = "token";
    try {
      const { endpoint, transport, headers: sign } = await orAborted(signal, opening);
      const url = new URL(`/bigquery/v2/projects/${request.path}`, endpoint);
      if (request.upload !== undefined) url.pathname = `/upload${url.pathname}`;
      for (const [name, value] of Object.entries(request.query ?? {})) {
        if (value !== undefined) url.searchParams.set(name, value);
      }
      const headers = new Headers(sign === undefined ? {} : await orAborted(signal, sign(url)));
      headers.set("user-agent", "spacex-etl-warehouse-loaders");
      const data = bodyOf(request, headers, url);
      step = "network";
      const answer = await transport.request({
        method: request.method,
        url,
        headers,
        ...(data === undefined ? {} : { data }),
        responseType: "text",
        signal,
        validateStatus: () => true,
        redirect: "manual",
        retry: false,
        retryConfig: { retry: 0, noResponseRetries: 0 },
        noProxy: LOOPBACK,
      });
      return read(answer.status, answer.data);
    } catch (error) {
      request.signal?.throwIfAborted();
      if (EtlError.isInstance(error)) throw error;
      throw failureOf(step, late.aborted ? new Error(`no answer within ${timeout} ms`) : error);
    }
  };
}

async function open(settings: BigQuerySettings): Promise<Connection> {
  const client = settings.client ?? (await newClient(settings));
  const { authClient } = client;
  const endpoint = client.apiEndpoint;
  if (settings.client === undefined && endpoint.startsWith("http:")) {
    // The key is never used: it makes a client that looks for no credentials, for its transport alone.
    return { endpoint, transport: authClient.fromAPIKey("none").transporter, headers: undefined };
  }
  const own = await authClient.getClient();
  const signer = (
    settings.impersonate === undefined ? own : await impersonated(own, settings.impersonate)
  ) as Signer;
  return { endpoint, transport: signer.transporter, headers: (url) => signer.getRequestHeaders(url) };
}

async function newClient({ project, endpoint }: BigQuerySettings): Promise<BigQueryClient> {
  const library = await import("@google-cloud/bigquery").catch((cause: unknown) => {
    throw peerMissing("@google-cloud/bigquery", cause);
  });
  return new library.BigQuery({
    projectId: project,
    scopes: [...SCOPES],
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint }),
  });
}

async function impersonated(source: object, account: string): Promise<object> {
  const library = await import("google-auth-library").catch((cause: unknown) => {
    throw peerMissing("google-auth-library", cause);
  });
  return new library.Impersonated({
    sourceClient: source as InstanceType<typeof library.AuthClient>,
    targetPrincipal: account,
    targetScopes: [...SCOPES],
    lifetime: 3600,
  });
}

function peerMissing(name: string, cause: unknown): EtlError {
  return new EtlError({
    kind: "usage",
    code: "PEER_MISSING",
    message: `The BigQuery loader needs the package ${name}, which cannot be loaded.`,
    hint: `Install it: npm install ${name}`,
    cause,
  });
}

function bodyOf({ body, upload }: ApiRequest, headers: Headers, url: URL): string | Buffer | undefined {
  if (body === undefined) return undefined;
  const json = JSON.stringify(body);
  if (upload === undefined) {
    headers.set("content-type", "application/json");
    return json;
  }
  url.searchParams.set("uploadType", "multipart");
  const boundary = `part-${crypto.randomUUID()}`;
  headers.set("content-type", `multipart/related; boundary=${boundary}`);
  const parts = [
    `--${boundary}\r\ncontent-type: application/json\r\n\r\n${json}\r\n`,
    `--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`,
    upload,
    `\r\n--${boundary}--\r\n`,
  ];
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
}

function read(status: number, data: unknown): unknown {
  const text =
    typeof data === "string" ? data : data === undefined || data === null ? "" : JSON.stringify(data);
  let json: unknown;
  try {
    json = text === "" ? undefined : (JSON.parse(text) as unknown);
  } catch {
    json = undefined;
  }
  if (status < 200 || status >= 300) throw answerFailure(status, json);
  if (json === undefined && text !== "") {
    throw new BigQueryFailure("the answer is no document of the API", { step: "network", code: "ANSWER" });
  }
  return json;
}

/** Looking for credentials cannot be aborted; nobody waits for it longer than for an answer. */
function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
