import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { displayPath, type Parsed } from "../locations.ts";
import type { DuckDBWarehouse } from "./warehouse-location.ts";

const HINT = "Use a DuckDB file: --warehouse ./warehouse.duckdb or --warehouse duckdb:/path/to/file.";

/** A DuckDB file: a path relative to `cwd`, or a `duckdb:` URL. */
export function duckdbWarehouse(text: string, cwd: string): Parsed<DuckDBWarehouse> {
  if (/^(duckdb:)?(\/\/)?:memory:/i.test(text)) {
    return {
      ok: false,
      problem: "is a database in memory, which would be gone after the run",
      hint: HINT,
    };
  }
  const path = parsePath(text, cwd);
  if (!path.ok) return path;
  if (/[/\\]$/.test(text)) {
    return { ok: false, problem: "is a folder; the warehouse is one file", hint: HINT };
  }
  const { value } = path;
  return { ok: true, value: { kind: "duckdb", path: value, url: value, display: displayPath(value, cwd) } };
}

/** A plain path, or one after `duckdb:`. */
function parsePath(text: string, cwd: string): Parsed<string> {
  if (text.includes("\0")) return { ok: false, problem: "holds a NUL character", hint: HINT };
  const found = /^duckdb:(.*)$/is.exec(text);
  if (found === null) return { ok: true, value: resolve(cwd, text) };
  const [, rest = ""] = found;
  if (!rest.startsWith("//")) {
    return rest === ""
      ? { ok: false, problem: "names no path", hint: HINT }
      : { ok: true, value: resolve(cwd, decodePath(rest)) };
  }
  try {
    return { ok: true, value: fileURLToPath(`file:${rest}`) };
  } catch {
    return {
      ok: false,
      problem: "names another host; an absolute path needs three slashes",
      hint: HINT,
    };
  }
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
