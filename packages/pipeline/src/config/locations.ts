import { isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { EtlError } from "@spacex-etl/contracts";
import { parseLakeUrl } from "@spacex-etl/lake-writers";
import type { ApiLocation, LakeLocation, WarehouseLocation } from "./pipeline-config.ts";

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

/** The name of a parameter that has a value. All else in a query may be a secret, a padded one of base64 too. */
export const NAMED_PARAMETER = /^[\w-]{1,40}=(?=[^=])/;

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

/** A DuckDB file: a path relative to `cwd`, or a `duckdb:` URL. */
export function parseWarehouse(text: string, cwd: string): Parsed<WarehouseLocation> {
  const hint = "Use a DuckDB file: --warehouse ./warehouse.duckdb or --warehouse duckdb:/path/to/file.";
  const other = /^(bigquery|redshift|postgres|postgresql|snowflake|md|motherduck):/i.exec(text);
  if (other !== null) {
    return {
      ok: false,
      code: "DESTINATION_UNSUPPORTED",
      problem: `is another warehouse than DuckDB, and ${other[1]?.toLowerCase()} is not in this version`,
      hint,
    };
  }
  if (/^(duckdb:)?(\/\/)?:memory:/i.test(text)) {
    return { ok: false, problem: "is a database in memory, which would be gone after the run", hint };
  }
  const path = parsePath(text, "duckdb", cwd, hint);
  if (!path.ok) return path;
  if (/[/\\]$/.test(text)) return { ok: false, problem: "is a folder; the warehouse is one file", hint };
  return {
    ok: true,
    value: { kind: "duckdb", path: path.value, display: displayPath(path.value, cwd) },
  };
}

/** A path for people: `./…` inside the working directory, else absolute. */
export function displayPath(path: string, cwd: string): string {
  const inside = relative(cwd, path);
  if (inside === "") return ".";
  return inside.startsWith("..") || isAbsolute(inside) ? path : `.${sep}${inside}`;
}

/** A plain path, or one after `scheme:`. One letter before a colon is a drive. */
function parsePath(text: string, scheme: string, cwd: string, hint: string): Parsed<string> {
  const found = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(text);
  if (text.includes("\0")) return { ok: false, problem: "holds a NUL character", hint };
  if (found === null) return { ok: true, value: resolve(cwd, text) };
  const [, given = "", rest = ""] = found;
  if (given.toLowerCase() !== scheme) return { ok: false, problem: `has the unknown scheme ${given}:`, hint };
  if (!rest.startsWith("//")) {
    return rest === ""
      ? { ok: false, problem: "names no path", hint }
      : { ok: true, value: resolve(cwd, decodePath(rest)) };
  }
  try {
    return { ok: true, value: fileURLToPath(`file:${rest}`) };
  } catch {
    return { ok: false, problem: "names another host; an absolute path needs three slashes", hint };
  }
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
