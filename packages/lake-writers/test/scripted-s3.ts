import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request as the server got it; the body is whole. */
export interface Asked {
  readonly method: string;
  /** Decoded, without the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What the server does: an answer, maybe broken off within its body; nothing ever; or a reset instead of an answer. */
export type Answer =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Buffer;
      /** Sends so many bytes of the body and then resets, or stays silent. */
      readonly stopsAfter?: number;
      readonly ends?: "reset" | "silence";
      /** Without saying how long the body is. */
      readonly chunked?: boolean;
    }
  | "silence"
  | "reset";

/** For what no server can be made to do: each request is answered by the script. Closed when the test ends. */
export interface ScriptedS3 {
  readonly endpoint: string;
  readonly asked: readonly Asked[];
  /** Sockets that are open now. */
  openSockets(): number;
}

/** @param script given each request and how many of the same method came before it */
export async function scriptedS3(
  script: (asked: Asked, before: number) => Answer | Promise<Answer>,
): Promise<ScriptedS3> {
  const asked: Asked[] = [];
  const sockets = new Set<object>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => undefined);
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const url = new URL(request.url ?? "/", "http://localhost");
      const one: Asked = {
        method: request.method ?? "",
        key: decodeURIComponent(url.pathname.split("/").slice(2).join("/")),
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      const before = asked.filter(({ method }) => method === one.method).length;
      asked.push(one);
      const answer = await script(one, before);
      if (answer === "silence") return;
      if (answer === "reset") return void request.socket.resetAndDestroy();
      const { status = 200, headers = {}, body = "", stopsAfter, ends = "reset", chunked = false } = answer;
      const bytes = Buffer.from(body);
      response.writeHead(status, { ...(chunked ? {} : { "content-length": bytes.length }), ...headers });
      if (stopsAfter === undefined) return void response.end(request.method === "HEAD" ? undefined : bytes);
      response.write(bytes.subarray(0, stopsAfter), () => {
        // What was written has to leave first.
        if (ends === "reset") setTimeout(() => request.socket.resetAndDestroy(), 20);
      });
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, asked, openSockets: () => sockets.size };
}

/** An error as S3 writes it. */
export function refusal(
  status: number,
  code: string,
  message: string = code,
  headers: Readonly<Record<string, string>> = {},
  more = "",
): Answer {
  return {
    status,
    headers: { "content-type": "application/xml", ...headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}<RequestId>REQ1</RequestId></Error>`,
  };
}

/** An answer in XML. */
export function xml(body: string, status = 200): Answer {
  return {
    status,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}
