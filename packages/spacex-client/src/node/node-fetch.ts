import type { Agent } from "node:http";
import { checkFunction, checkKeys } from "../http/index.ts";
import { exchange, type Exchange } from "./exchange.ts";
import { responseOf } from "./node-response.ts";

/** How `nodeFetch` connects. */
export interface NodeFetchOptions {
  /**
   * The agent of a connection, for certificates or a proxy of one's own: an `http.Agent` for `http:`, an `https.Agent` for
   * `https:`. Undefined means Node's global ones, which keep connections alive and do not keep the process alive.
   */
  readonly agent?: ((url: URL) => Agent | undefined) | undefined;
}

const MAX_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * A `fetch` for Node made of `node:http`, for large bodies: `createSpaceXClient({ fetch: nodeFetch() })`. The built-in one
 * hands a body on in many small pieces, which costs more than half of the CPU time of reading a compressed collection.
 *
 * It asks for gzip and decodes gzip, deflate and brotli; a body that is cut off is an error, also where the
 * built-in one takes what is there. Redirects, abort signals and errors (`TypeError` with a cause) are those of `fetch`.
 * There are no timeouts but the client's, no HTTP/2, no cache, no cookies, no `integrity`, no `data:` addresses; a proxy
 * only by the agent, or by `NODE_USE_ENV_PROXY=1` where Node knows it.
 *
 * @throws EtlError of kind `usage`, code `CLIENT_OPTION`, for an option that does not exist.
 */
export function nodeFetch(options: NodeFetchOptions = {}): typeof globalThis.fetch {
  checkKeys("client", options, ["agent"], "nodeFetch.");
  checkFunction("client", "nodeFetch.agent", options.agent);
  return async (input, init) => {
    // Whoever gives an address and an init gets what `fetch` would make of them.
    const request = input instanceof Request && init === undefined ? input : new Request(input, init);
    const { signal, redirect } = request;
    signal.throwIfAborted();
    let sent: Exchange = {
      method: request.method,
      url: new URL(request.url),
      headers: new Headers(request.headers),
      body: request.body === null ? undefined : Buffer.from(await request.arrayBuffer()),
    };
    for (let redirects = 0; ; redirects++) {
      const message = await exchange(sent, options.agent, signal);
      const status = message.statusCode ?? 0;
      const location = REDIRECTS.has(status) ? message.headers.location : undefined;
      if (location === undefined || redirect === "manual")
        return responseOf(message, sent, redirects > 0, signal);
      // What stands in it is of no interest; the connection goes with it.
      message.destroy();
      if (redirect === "error") throw failed(`an unwanted redirect (status ${status})`);
      if (redirects === MAX_REDIRECTS) throw failed(`more than ${MAX_REDIRECTS} redirects`);
      sent = redirected(sent, status, location);
    }
  };
}

/** The next request (Fetch standard, "HTTP-redirect fetch"). */
function redirected(sent: Exchange, status: number, location: string): Exchange {
  const url = URL.parse(location, sent.url.href);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw failed("a redirect to something that is no http(s) address");
  const headers = new Headers(sent.headers);
  if (url.origin !== sent.url.origin)
    for (const name of ["authorization", "cookie", "host"]) headers.delete(name);
  const asGet = status === 303 ? sent.method !== "HEAD" : status < 303 && sent.method === "POST";
  if (!asGet) return { ...sent, url, headers };
  const kept = [...headers].filter(([name]) => !name.startsWith("content-"));
  return { method: "GET", url, headers: new Headers(kept), body: undefined };
}

function failed(reason: string): TypeError {
  return new TypeError("fetch failed", { cause: new Error(reason) });
}
