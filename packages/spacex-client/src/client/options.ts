import { EtlError } from "@spacex-etl/contracts";
import { MAX_TIMER_MS, type RetryOptions } from "../http/index.ts";

/** Where the public API lives. */
export const DEFAULT_BASE_URL = "https://api.spacexdata.com";

export interface SpaceXClientOptions {
  /**
   * Address of the API without `/v4`; a path in front of it is kept (`https://gateway.example.com/spacex`).
   * @default "https://api.spacexdata.com"
   */
  readonly baseUrl?: string | URL | undefined;
  /**
   * Used instead of the global one; gets a `Request`.
   * @default globalThis.fetch
   */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** How failed requests are sent again: 429, 5xx, network errors, timeouts, and a 400 that is an outage. */
  readonly retry?: RetryOptions | undefined;
  /**
   * Longest wait for the headers of an answer, and for further bytes of a body, in milliseconds.
   * @default 30000
   */
  readonly timeout?: number | undefined;
  /** Sent with every request. In a browser the API lets no headers of one's own through. */
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  /**
   * Greatest size of one record in `recordSource`, in bytes.
   * @default 16 MiB
   */
  readonly maxRecordBytes?: number | undefined;
}

/** The address without a slash at the end. */
export function checkedBaseUrl(baseUrl: string | URL | undefined): string {
  const text = String(baseUrl ?? DEFAULT_BASE_URL);
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw invalid(
      `baseUrl ${JSON.stringify(text)} is no http(s) address`,
      `Use for example ${DEFAULT_BASE_URL}.`,
    );
  if (url.username !== "" || url.password !== "")
    throw invalid(
      `baseUrl of ${url.host} holds credentials`,
      "Send them as a header: { headers: { authorization } }.",
    );
  if (url.search !== "" || url.hash !== "")
    throw invalid(`baseUrl ${url.origin}${url.pathname} has a query or fragment`, "Leave it out.");
  const path = url.pathname.replace(/\/+$/, "");
  const version = /\/(v\d+|latest)(\/.*)?$/i.exec(path);
  if (version !== null) {
    throw invalid(
      `baseUrl ${url.origin}${path} names a version of the API`,
      `Leave it out, the client adds it: ${url.origin}${path.slice(0, version.index)}.`,
    );
  }
  return `${url.origin}${path}`;
}

export function checkedTimeout(timeout: number | undefined): number {
  const value = timeout ?? 30_000;
  if (value > 0 && value <= MAX_TIMER_MS) return value;
  throw invalid(`timeout is ${value}`, `It is a number of milliseconds from 1 to ${MAX_TIMER_MS}.`);
}

export function checkedHeaders(headers: ConstructorParameters<typeof Headers>[0]): Headers {
  let result: Headers;
  try {
    result = new Headers(headers);
  } catch {
    // The cause is left out: its message holds the value, which may be a secret.
    throw invalid("a header has a name or value that HTTP does not allow", "Check the headers option.");
  }
  if (!result.has("accept")) result.set("accept", "application/json");
  // A browser sends its own, and the API's CORS rules refuse a changed one.
  const onNode = typeof process === "object" && typeof process.versions?.node === "string";
  if (onNode && !result.has("user-agent")) result.set("user-agent", "spacex-etl");
  return result;
}

export function checkedRecordLimit(maxRecordBytes: number | undefined): number | undefined {
  if (maxRecordBytes === undefined || (Number.isSafeInteger(maxRecordBytes) && maxRecordBytes > 0))
    return maxRecordBytes;
  throw invalid(`maxRecordBytes is ${maxRecordBytes}`, "It is a whole number of bytes from 1.");
}

function invalid(problem: string, hint: string): EtlError {
  return new EtlError({
    kind: "usage",
    code: "CLIENT_OPTION",
    message: `The client option ${problem}.`,
    hint,
  });
}
