import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { EtlError } from "@spacex-etl/contracts/errors";
import { normalPath, routeOf } from "../api/index.ts";
import {
  dataNames,
  embeddedSnapshot,
  recordsFromJson,
  type SimulatorData,
  singleObjects,
} from "../data/index.ts";
import { createInjector, type Fault } from "../faults/index.ts";
import { type Answer, emptyAnswer, textAnswer } from "./answer.ts";
import { createCacheMemory } from "./cache-memory.ts";
import { faultAnswer } from "./fault-answer.ts";
import { readBody } from "./request-body.ts";
import { API_HEADERS, EARLY_HEADERS, uncached } from "./api-headers.ts";
import { type ApiState, respond } from "./respond.ts";
import { send } from "./send.ts";
import { serveData } from "./served-data.ts";

/** What the simulator serves, where, and how badly. */
export interface SimulatorOptions {
  /** @default the embedded snapshot */
  readonly data?: SimulatorData | undefined;
  /** @default 0: any free port */
  readonly port?: number | undefined;
  /** @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** @default none */
  readonly faults?: readonly Fault[] | undefined;
  /** Whether answers carry an ETag and `If-None-Match` is heeded. @default true */
  readonly etags?: boolean | undefined;
  /** Decides where bodies are cut and with which status a series of faults begins. @default 0 */
  readonly seed?: number | undefined;
}

/** One request that arrived. */
export interface RequestLogEntry {
  readonly method: string;
  /** With query string, as it was sent. */
  readonly path: string;
  /** Of the answer; 0 where the connection was closed without one. */
  readonly status: number;
  /** When it arrived, in milliseconds since 1970-01-01 UTC. */
  readonly at: number;
}

/** A running simulator. It listens until it is closed. */
export interface Simulator extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** The newest requests in order of their answers' beginning, at most 10,000. */
  readonly requests: readonly RequestLogEntry[];
  /**
   * Serves other records from now on, with another ETag. Raw bytes are a JSON array, served record by record as they
   * are; values are serialised. Collections: the 14 names, or `launches-v4`; new `launches` replace those too.
   *
   * @throws EtlError of kind `usage` for an unknown collection or bytes that are no JSON array.
   */
  replace(collection: string, records: readonly unknown[] | Uint8Array): void;
  /** Other faults from now on; all counts begin anew. */
  setFaults(faults: readonly Fault[]): void;
  /** Ends all connections. Again is fine. */
  close(): Promise<void>;
}

const KEPT_REQUESTS = 10_000;
const KEEP_ALIVE_MS = 60_000;
/** What may wait for a client before the server stops making more. */
const SEND_AHEAD_BYTES = 256 * 1024;

/**
 * Starts the SpaceX REST API on this machine: every public route of version 4 and 5 with its statuses, headers, text
 * errors and query semantics. Answers are always of the current records; the API's cache is shown in headers only.
 *
 * @throws EtlError of kind `usage` with code `PORT_IN_USE` or `PORT_REFUSED`.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const seed = options.seed ?? 0;
  const host = options.host ?? "127.0.0.1";
  let injector = createInjector(options.faults ?? [], seed);
  const data = options.data ?? (await embeddedSnapshot());
  const cache = createCacheMemory();
  const state: ApiState = {
    data: serveData(data, (name, read) => injector.variant(name, read)),
    cache,
    etags: options.etags ?? true,
  };
  const requests: RequestLogEntry[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const at = Date.now();
    const method = request.method ?? "GET";
    const url = request.url ?? "/";
    const path = normalPath(url);
    const route = routeOf(method, path);
    const verdict = injector.judge(`${method} ${path}`);
    const log = (status: number) => {
      if (requests.length >= KEPT_REQUESTS) requests.splice(0, KEPT_REQUESTS / 2);
      requests.push({ method, path: url, status, at });
    };
    if (verdict.delayMs > 0) await sleep(verdict.delayMs, undefined, { ref: false });
    if (verdict.strike === "down") {
      log(0);
      request.socket.destroy();
      return;
    }
    const body = await readBody(request);
    const answer =
      faultAnswer(verdict, route) ??
      (body.ok
        ? (preflightAnswer(request) ??
          (await respond({ method, url, headers: request.headers, route, body: body.value }, state)))
        : textAnswer(body.status, body.text, EARLY_HEADERS));
    log(answer.status);
    await send(response, answer, verdict);
  };

  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, highWaterMark: SEND_AHEAD_BYTES },
    (request, response) => {
      handle(request, response).catch((error: unknown) => {
        // A client that went away needs no answer; anything else is a defect that its own caller should see.
        if (response.headersSent || request.destroyed) response.destroy();
        else response.writeHead(500, { "content-type": "text/plain" }).end(String(error));
      });
    },
  );
  await listen(server, options.port ?? 0, host);

  const { port } = server.address() as AddressInfo;
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    requests,
    replace(collection, records) {
      assertCollection(collection);
      const bytes = records instanceof Uint8Array ? records : Buffer.from(JSON.stringify(records));
      const list = recordsFromJson(bytes, `The new data of ${collection}`);
      if (singleObjects.has(collection) && list.length !== 1) throw notSingle(collection, list.length);
      state.data.replace(collection, list);
      cache.clear();
    },
    setFaults(faults) {
      injector = createInjector(faults, seed);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What a browser asks before a request of its own; only these headers are allowed. */
function preflightAnswer(request: IncomingMessage): Answer | undefined {
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined)
    return undefined;
  const {
    "access-control-expose-headers": _,
    "spacex-api-response-time": _time,
    ...headers
  } = uncached(API_HEADERS);
  return emptyAnswer(204, {
    ...headers,
    "access-control-allow-methods": "GET,POST,PATCH,DELETE",
    "access-control-allow-headers": "Content-Type,Accept",
  });
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "EADDRINUSE") {
      throw new EtlError({
        kind: "usage",
        code: "PORT_IN_USE",
        message: `The port ${port} on ${host} is in use by another process.`,
        hint: "Choose another port, or 0 for any free one.",
        cause,
      });
    }
    throw new EtlError({
      kind: "usage",
      code: "PORT_REFUSED",
      message: `The simulator cannot listen on ${host}:${port}: ${code ?? String(cause)}.`,
      hint: "Choose a port from 1024 to 65535, or 0 for any free one, and an address of this machine.",
      cause,
    });
  }
}

function assertCollection(name: string): void {
  if (dataNames.includes(name)) return;
  throw new EtlError({
    kind: "usage",
    code: "COLLECTION_UNKNOWN",
    message: `There is no collection ${JSON.stringify(name)}.`,
    hint: `Use one of ${dataNames.join(", ")}.`,
  });
}

function notSingle(collection: string, length: number): EtlError {
  return new EtlError({
    kind: "usage",
    code: "DATA_NOT_SINGLE",
    message: `The API answers ${collection} as one object, but there are ${length} records for it.`,
    hint: "Give exactly one.",
  });
}
