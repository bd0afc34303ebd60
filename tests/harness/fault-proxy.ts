import { createServer, type IncomingMessage, request as connect, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { busyAnswer, denyAnswer, faultChooser, type FaultRule, type ProxyFault } from "./proxy-faults.ts";

/** One request that came through, in the order of their arrival. */
export interface ProxiedRequest {
  readonly method: string;
  /** Path and query as the client wrote them. */
  readonly path: string;
  /** Of the server's answer, also of one that the client never got; undefined if there was none. */
  readonly status: number | undefined;
  /** What was done to it. */
  readonly fault: ProxyFault["kind"] | undefined;
  /** Values of the headers that tests look at, as the client sent them. */
  readonly headers: IncomingMessage["headers"];
}

export interface FaultProxy extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, for the client. */
  readonly endpoint: string;
  readonly requests: readonly ProxiedRequest[];
  /** Where requests go; to be called before the first one. */
  forwardTo(endpoint: string): void;
  /** Replaces all rules, and counts anew. @default seed 1 */
  setRules(rules: readonly FaultRule[], seed?: number): void;
  /** Forgets the requests so far. */
  clear(): void;
  close(): Promise<void>;
}

type Entry = { -readonly [K in keyof ProxiedRequest]: ProxiedRequest[K] };

/** Which service stands behind the proxy. */
export interface FaultProxyOptions {
  /** Whose words to use for "slow down". */
  readonly service: "s3" | "gcs";
  /**
   * Lets the server have requests with `If-None-Match` one at a time. S3 decides over them atomically
   * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html); servers that look first and write
   * then do not, unless nobody comes between. @default false
   */
  readonly conditionalInTurn?: boolean;
}

/**
 * Stands between a client and an object store and does harm by rule. Requests pass with their headers as they came, Host
 * included: a signature over the proxy's own host and port stays good, because the server sees just that host.
 */
export async function startFaultProxy({
  service,
  conditionalInTurn = false,
}: FaultProxyOptions): Promise<FaultProxy> {
  const requests: Entry[] = [];
  let turn = Promise.resolve();
  let target: URL | undefined;
  let choose = faultChooser([], 1);

  const server = createServer((request, response) => {
    const { method = "", url: path = "", headers } = request;
    const fault = choose(method, path);
    const entry: Entry = { method, path, headers, status: undefined, fault: fault?.kind };
    requests.push(entry);
    // Both sides may go away at any time; that is what this is for.
    for (const stream of [request, response]) stream.on("error", () => undefined);
    serve(request, response, fault, entry).catch(() => request.socket.destroy());
  });
  // Only the rules end connections that wait for their next request.
  server.keepAliveTimeout = 120_000;

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    fault: ProxyFault | undefined,
    entry: Entry,
  ): Promise<void> {
    switch (fault?.kind) {
      case "reset-before":
        request.socket.resetAndDestroy();
        return;
      case "stall":
        request.resume();
        return;
      case "busy": {
        await drain(request);
        const { headers, body } = busyAnswer(service, fault);
        response.writeHead(fault.status, headers).end(body);
        return;
      }
      case "deny": {
        await drain(request);
        const { headers, body } = denyAnswer(service, fault.status, request.headers.authorization);
        response.writeHead(fault.status, headers).end(body);
        return;
      }
      default: {
        if (target === undefined) throw new Error("the proxy was not told where to forward to");
        const before = turn;
        const mine = Promise.withResolvers<void>();
        if (conditionalInTurn && request.headers["if-none-match"] !== undefined) {
          turn = mine.promise;
          await before;
        }
        const answer = await forward(request, response, target, fault).finally(mine.resolve);
        if (answer === undefined) {
          request.socket.resetAndDestroy();
          return;
        }
        entry.status = answer.statusCode;
        await reply(request, response, answer, fault);
      }
    }
  }

  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    forwardTo: (endpoint) => void (target = new URL(endpoint)),
    setRules: (rules, seed = 1) => void (choose = faultChooser(rules, seed)),
    clear: () => void (requests.length = 0),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The server's answer, or undefined if the request was cut or the server went away. */
function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: URL,
  fault: ProxyFault | undefined,
): Promise<IncomingMessage | undefined> {
  // Gone while it waited for its turn.
  if (request.socket.destroyed) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const upstream = connect({
      host: target.hostname,
      port: target.port,
      method: request.method,
      path: request.url,
      headers: request.rawHeaders,
      agent: false,
    });
    upstream.once("response", resolve);
    upstream.on("error", () => resolve(undefined));
    response.once("close", () => upstream.destroy());
    if (fault?.kind === "corrupt-upload") {
      drain(request).then(
        (body) => upstream.end(corrupted(body)),
        () => upstream.destroy(),
      );
      return;
    }
    if (fault?.kind !== "cut-upload") {
      request.pipe(upstream);
      return;
    }
    const half = Math.floor(Number(request.headers["content-length"] ?? 2) / 2);
    let left = half;
    upstream.once("close", () => resolve(undefined));
    upstream.flushHeaders();
    request.on("data", (chunk: Buffer) => {
      const piece = chunk.subarray(0, left);
      left -= piece.length;
      if (piece.length > 0) upstream.write(piece, () => left === 0 && upstream.destroy());
    });
    request.once("end", () => half === 0 && upstream.destroy());
  });
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  answer: IncomingMessage,
  fault: ProxyFault | undefined,
): Promise<void> {
  answer.on("error", () => request.socket.destroy());
  if (fault?.kind === "reset-after") {
    await drain(answer);
    request.socket.resetAndDestroy();
    return;
  }
  response.sendDate = false;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
  response.flushHeaders();
  if (fault?.kind === "truncate" || fault?.kind === "trickle" || fault?.kind === "corrupt-answer") {
    const body = await drain(answer);
    if (fault.kind === "corrupt-answer") {
      response.end(corrupted(body));
      return;
    }
    if (fault.kind === "truncate") {
      await write(response, body.subarray(0, Math.floor(body.length / 2)));
      request.socket.destroy();
      return;
    }
    for (let from = 0; from < body.length && !response.destroyed; from += fault.pieceBytes) {
      await write(response, body.subarray(from, from + fault.pieceBytes));
      await sleep(fault.everyMs);
    }
    response.end();
    return;
  }
  answer.pipe(response);
}

function corrupted(body: Buffer): Buffer {
  const changed = Buffer.from(body);
  const middle = Math.floor(body.length / 2);
  if (body.length > 0) changed[middle] = (body[middle] ?? 0) ^ 1;
  return changed;
}

function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => void response.write(bytes, () => resolve()));
}

async function drain(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
