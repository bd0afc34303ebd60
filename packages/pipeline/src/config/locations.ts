import { isAbsolute, relative, sep } from "node:path";
import { EtlError } from "@spacex-etl/contracts";
import { parseLakeUrl } from "@spacex-etl/lake-writers";
import type { ApiLocation, LakeLocation } from "./pipeline-config.ts";

/** A value, or why the text is none: the problem continues a sentence that begins with setting and text. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code?: string; readonly problem: string; readonly hint: string };

const LIVE_URL = "https://api.spacexdata.com";

/** `embedded`, `live`, or a base address. The public API's address is `live` too. */
export function parseApi(text: string): Parsed<ApiLocation> {
  if (text === "embedded") return { ok: true, value: { kind: "embedded" } };
  if (text === "live") return { ok: true, value: { kind: "live", baseUrl: LIVE_URL } };
  const hint = "Give embedded, live, or an address like http://127.0.0.1:4000.";
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(text)) {
    return { ok: false, problem: "is no http or https address", hint };
  }
  if (url.username !== "" || url.password !== "") {
    return { ok: false, problem: "holds a user name or password, which would end up in logs", hint };
  }
  if (url.search !== "" || url.hash !== "") {
    return { ok: false, problem: "has a query or a fragment; a base address has none", hint };
  }
  const path = url.pathname.replace(/\/+$/, "");
  const version = /\/v\d+(\/.*)?$/.exec(path);
  if (version !== null) {
    const base = `${url.origin}${path.slice(0, version.index)}`;
    return {
      ok: false,
      problem: "must be the base address, without version and route",
      hint: `Use ${base}.`,
    };
  }
  const baseUrl = `${url.origin}${path}`;
  return { ok: true, value: { kind: baseUrl === LIVE_URL ? "live" : "url", baseUrl } };
}

/**
 * The name under which an API's data are kept when `--source` does not say otherwise. Host, port and path of the
 * address, in characters that are safe in object keys: `http://127.0.0.1:4000` is `127.0.0.1-4000`.
 */
export function sourceOf(api: ApiLocation): string {
  if (api.kind !== "url") return api.kind;
  const url = new URL(api.baseUrl);
  return `${url.host}${url.pathname}`
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, "-")
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "")
    .slice(0, 100);
}

/** A folder or a bucket, by the grammar of the lake writers. */
export function parseLake(text: string, cwd: string): Parsed<LakeLocation> {
  let location: LakeLocation["location"];
  try {
    location = parseLakeUrl(text, { cwd });
  } catch (error) {
    if (!EtlError.isInstance(error)) throw error;
    const problem = error.message.replace(/\.$/, "").replace(/^(A|The) /, (word) => word.toLowerCase());
    return { ok: false, code: error.code, problem: `cannot be used: ${problem}`, hint: error.hint ?? "" };
  }
  if (location.kind === "file") {
    const { directory } = location;
    return { ok: true, value: { location, url: directory, display: displayPath(directory, cwd) } };
  }
  const { kind, bucket, prefix } = location;
  const display = `${kind}://${bucket}${prefix === "" ? "" : `/${prefix}`}`;
  return { ok: true, value: { location, url: text, display } };
}

/** A path for people: `./…` inside the working directory, else absolute. */
export function displayPath(path: string, cwd: string): string {
  const inside = relative(cwd, path);
  if (inside === "") return ".";
  return inside.startsWith("..") || isAbsolute(inside) ? path : `.${sep}${inside}`;
}
