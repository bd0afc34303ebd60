const SAFE_TYPES = new Set(["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]);
const READABLE = ["cache-control", "content-length", "content-type", "expires", "last-modified", "pragma"];

/** Headers that a page may send without asking (Fetch standard, "CORS-safelisted request-header"). */
function unsafeHeaders(request: Request): string[] {
  return [...request.headers]
    .filter(([name, value]) => {
      if (["accept", "accept-language", "content-language"].includes(name))
        return value.length > 128 || /["():<>?@[\\\]{}\u007f]/.test(value);
      return name !== "content-type" || !SAFE_TYPES.has(value.split(";")[0]!.trim().toLowerCase());
    })
    .map(([name]) => name);
}

/**
 * `fetch` as a page of another origin has it: asks by `OPTIONS` first where the standard says so, refuses what is not
 * allowed, and hides the headers of the answer that are not exposed.
 */
export function corsFetch(origin: string): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const unsafe = unsafeHeaders(request);
    if (!["GET", "HEAD", "POST"].includes(request.method) || unsafe.length > 0) {
      const preflight = await fetch(request.url, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": request.method,
          "access-control-request-headers": unsafe.join(","),
        },
      });
      const allowed = (preflight.headers.get("access-control-allow-headers") ?? "")
        .toLowerCase()
        .split(/\s*,\s*/);
      if (!preflight.ok || unsafe.some((name) => !allowed.includes(name)))
        throw new TypeError("Failed to fetch");
    }
    request.headers.set("origin", origin);
    const response = await fetch(request);
    const open = response.headers.get("access-control-allow-origin");
    if (open !== "*" && open !== origin) throw new TypeError("Failed to fetch");
    const exposed = (response.headers.get("access-control-expose-headers") ?? "")
      .toLowerCase()
      .split(/\s*,\s*/);
    const visible = [...response.headers].filter(
      ([name]) => READABLE.includes(name) || exposed.includes(name),
    );
    return new Response(response.body, { status: response.status, headers: visible });
  };
}
