import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request as it arrived; what is left of a body that broke off. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** Answers one request. Requests beyond the script are answered with 501. */
export type Step = (answer: ServerResponse, request: Received) => void;

export interface Double {
  readonly endpoint: string;
  /** In the order of their ends. */
  readonly requests: readonly Received[];
}

/** A server that does what it is told, one step for each request: for what no real server does when asked. */
export async function gcsDouble(...script: readonly Step[]): Promise<Double> {
  const requests: Received[] = [];
  const left = [...script];
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    const url = new URL(request.url ?? "/", "http://double");
    const end = (): void => {
      const received = {
        method: request.method ?? "",
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      requests.push(received);
      const step = left.shift() ?? fail(501);
      step(answer, received);
    };
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => undefined);
    request.on("end", end);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

export const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("base64");

/** The API's description of an object with these bytes. */
export function described(bytes: Uint8Array, change: Readonly<Record<string, unknown>> = {}): Step {
  return json(200, {
    name: "x",
    size: String(bytes.byteLength),
    timeCreated: "2026-01-02T03:04:05.678Z",
    md5Hash: md5(bytes),
    ...change,
  });
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Step {
  return (answer) => {
    answer.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
}

export function fail(
  status: number,
  reason = "backendError",
  message = `failed with ${status}`,
  headers: Readonly<Record<string, string>> = {},
): Step {
  return json(
    status,
    { error: { code: status, message, errors: [{ domain: "global", reason, message }] } },
    headers,
  );
}

/** The request is read, and perhaps acted upon; the answer never comes. */
export const reset: Step = (answer) => void answer.socket?.resetAndDestroy();

/** Nothing ever comes. */
export const silence: Step = () => undefined;

/** The bytes as they lie; fewer of them than announced if `sent` is given. */
export function media(
  bytes: Uint8Array,
  sent = bytes.byteLength,
  headers: Readonly<Record<string, string>> = {},
): Step {
  return (answer) => {
    answer.writeHead(200, {
      "content-length": String(bytes.byteLength),
      "x-goog-generation": "42",
      ...headers,
    });
    answer.write(bytes.subarray(0, sent), () => {
      if (sent < bytes.byteLength) answer.socket?.resetAndDestroy();
      else answer.end();
    });
  };
}

/** What a range asks for. */
export function ranged(bytes: Uint8Array): Step {
  return (answer, request) => {
    const from = Number(/^bytes=(\d+)-$/.exec(String(request.headers.range))?.[1]);
    const rest = bytes.subarray(from);
    answer.writeHead(206, {
      "content-length": String(rest.byteLength),
      "content-range": `bytes ${from}-${bytes.byteLength - 1}/${bytes.byteLength}`,
    });
    answer.end(rest);
  };
}
