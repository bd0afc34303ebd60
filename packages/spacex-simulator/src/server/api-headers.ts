/** Headers of every answer that the API itself, not its edge, gives. Recorded 2026-03-21. */
export const API_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "spacex-api-cache,spacex-api-response-time",
  "cf-cache-status": "DYNAMIC",
  "spacex-api-cache-online": "true",
  "spacex-api-response-time": "1ms",
  vary: "Accept-Encoding, Origin",
};

/** Headers of an answer that was given before the API looked at the request's origin: a body that cannot be read. */
export const EARLY_HEADERS: Readonly<Record<string, string>> = {
  "cf-cache-status": "DYNAMIC",
  vary: "Accept-Encoding",
};

/**
 * The headers where a route ended in an exception: what is set before it stays, what is set after it is missing (app.js
 * and middleware/ of the API's source).
 */
export function thrown(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { "spacex-api-cache": _cache, "spacex-api-response-time": _time, ...kept } = headers;
  return kept;
}

/** Without what only the routes of data set. */
export function uncached(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { "spacex-api-cache-online": _online, ...kept } = headers;
  return kept;
}
