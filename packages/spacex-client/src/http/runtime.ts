/**
 * Whether requests go out without a browser's rules (CORS), so that any header may be sent and every header of an answer
 * can be read: Node, Deno, Bun, Cloudflare Workers. What is not known counts as a browser, which only loses conditional
 * requests and the `user-agent`. A page inside of Electron or jsdom is a browser too.
 */
export function isServer(): boolean {
  const { document, process, navigator } = globalThis as {
    readonly document?: unknown;
    readonly process?: { readonly versions?: { readonly node?: unknown } };
    readonly navigator?: { readonly userAgent?: unknown };
  };
  if (document !== undefined) return false;
  return typeof process?.versions?.node === "string" || navigator?.userAgent === "Cloudflare-Workers";
}
