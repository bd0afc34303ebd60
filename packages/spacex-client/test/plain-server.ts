import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface PlainServer extends AsyncDisposable {
  readonly url: string;
}

/** A server on a free port of loopback with nothing in front of the listener. */
export async function servePlain(
  listener: RequestListener,
  server: Server = createServer(listener),
  protocol = "http",
): Promise<PlainServer> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What a promise is rejected with. */
export async function failureOf(run: Promise<unknown>): Promise<Error & { readonly cause?: unknown }> {
  return run.then(
    () => Promise.reject(new Error("nothing was thrown")),
    (error: Error) => error,
  );
}
