import { invalidQuery } from "../api-error.ts";
import { DATE_PARTS } from "./functions.ts";
import type { Reader } from "./reader.ts";
import { microsOf } from "./timestamp.ts";
import { type Token, unexpected } from "./tokens.ts";

/** What OPTIONS of a table, column or view say. */
export interface TableOptions {
  readonly description?: string;
  /** Milliseconds since 1970, or from now. */
  readonly expirationTime?: number | { readonly fromNow: number } | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly kmsKey?: string;
  /** Of a dataset only. */
  readonly location?: string;
  readonly enableRefresh?: boolean;
  /** Milliseconds. */
  readonly refreshInterval?: number;
}

const MILLIS: Readonly<Record<string, number>> = {
  SECOND: 1_000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
};

/** Of a materialized view only. */
const OF_MATERIALIZED = new Set(["enable_refresh", "refresh_interval_minutes"]);

/** From the parenthesis after OPTIONS. @throws ApiError `invalidQuery`. */
export function readOptions(reader: Reader, materialized = false): TableOptions {
  reader.expectSymbol("(");
  if (reader.symbol(")")) return {};
  const found: Partial<Record<keyof TableOptions, unknown>> = {};
  reader.list(() => {
    const option = reader.name().toLowerCase();
    reader.expectSymbol("=");
    if (option === "description") found.description = reader.text();
    else if (option === "labels") found.labels = Object.fromEntries(labels(reader));
    else if (option === "tags") none(reader);
    else if (option === "kms_key_name") found.kmsKey = reader.text();
    else if (option === "expiration_timestamp") found.expirationTime = expiration(reader);
    else if (!materialized || !OF_MATERIALIZED.has(option)) {
      throw invalidQuery(`Unknown option: ${option}, or none that this double knows`);
    } else if (option === "enable_refresh") found.enableRefresh = flag(reader);
    else found.refreshInterval = number(reader) * 60_000;
  });
  reader.expectSymbol(")");
  return found as TableOptions;
}

/** From the parenthesis after OPTIONS of a dataset. @throws ApiError `invalidQuery`. */
export function readDatasetOptions(reader: Reader): TableOptions {
  const found: Partial<Record<keyof TableOptions, unknown>> = {};
  reader.expectSymbol("(");
  reader.list(() => {
    const option = reader.name().toLowerCase();
    reader.expectSymbol("=");
    if (option === "location") found.location = reader.text();
    else if (option === "description") found.description = reader.text();
    else if (option === "labels") found.labels = Object.fromEntries(labels(reader));
    else if (option === "default_kms_key_name") found.kmsKey = reader.text();
    else throw invalidQuery(`Unknown option: ${option}, or none that this double knows`);
  });
  reader.expectSymbol(")");
  return found as TableOptions;
}

function expiration(reader: Reader): TableOptions["expirationTime"] {
  if (reader.words("NULL")) return null;
  if (!reader.words("TIMESTAMP_ADD")) {
    reader.expect("TIMESTAMP");
    return Number(microsOf(reader.text()) / 1_000n);
  }
  reader.expectSymbol("(");
  reader.expect("CURRENT_TIMESTAMP");
  if (reader.symbol("(")) reader.expectSymbol(")");
  reader.expectSymbol(",");
  reader.expect("INTERVAL");
  const amount = number(reader);
  const part = reader.next();
  const unit = part !== undefined && DATE_PARTS.has(part.value) ? MILLIS[part.value] : undefined;
  if (unit === undefined) throw unexpected(part, "SECOND, MINUTE, HOUR or DAY");
  reader.expectSymbol(")");
  return { fromNow: amount * unit };
}

function labels(reader: Reader): [string, string][] {
  reader.expectSymbol("[");
  if (reader.symbol("]")) return [];
  const found = reader.list((): [string, string] => {
    reader.expectSymbol("(");
    const key = reader.text();
    reader.expectSymbol(",");
    const value = reader.text();
    reader.expectSymbol(")");
    return [key, value];
  });
  reader.expectSymbol("]");
  return found;
}

/** dbt always names its tags of the resource manager, though there be none. */
function none(reader: Reader): void {
  reader.expectSymbol("[");
  reader.expectSymbol("]");
}

function flag(reader: Reader): boolean {
  if (reader.words("TRUE")) return true;
  reader.expect("FALSE");
  return false;
}

function number(reader: Reader): number {
  const token: Token | undefined = reader.next();
  if (token?.kind !== "number") throw unexpected(token, "a number");
  return Number(token.text);
}
