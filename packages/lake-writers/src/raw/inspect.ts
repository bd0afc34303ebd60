import type { CollectionSpec } from "@spacex-etl/contracts";
import { z } from "zod";
import type { RecordText } from "./record-text.ts";

/** A record that may go into a part, or why it may not. */
export type Inspection =
  | { readonly valid: true; readonly key: string; readonly value: unknown }
  | { readonly valid: false; readonly key: string | undefined; readonly issues: readonly string[] };

/** Looks at the record from `start` to `end`. */
export type Inspector = (records: RecordText, start: number, end: number) => Inspection;

/** Issues of one record that are reported. */
const MAX_ISSUES = 20;

/** DuckDB's JSON reader is recursive: some ten thousand levels end the process. */
const MAX_DEPTH = 1000;
/** A smaller record cannot be deep enough to do harm. */
const DEPTH_CHECKED_BYTES = 8192;

const HALF_PAIR = "a string holds half a surrogate pair";

/** Parses and validates records of a collection; the schema is compiled once. */
export function inspector(spec: CollectionSpec): Inspector {
  const compiled = z.compile(spec.schema);
  return (records, start, end) => {
    const text = records.slice(start, end);
    if (text === undefined)
      return { valid: false, key: undefined, issues: ["the bytes are not valid UTF-8"] };
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return { valid: false, key: undefined, issues: [`not valid JSON: ${(error as Error).message}`] };
    }
    const key = keyOf(value, spec.key);
    // Half a surrogate pair can only come from an escape, and great depth only from many bytes.
    if ((records.mayHaveEscapes && text.includes("\\u")) || end - start > DEPTH_CHECKED_BYTES) {
      const issue = unstorable(value);
      if (issue !== undefined) return { valid: false, key, issues: [issue] };
    }
    if (compiled.validate(value)) {
      if (key === undefined) return { valid: false, key, issues: [`${spec.key}: missing`] };
      return { valid: true, key, value };
    }
    return { valid: false, key, issues: issuesOf(spec.schema.safeParse(value)) };
  };
}

function keyOf(value: unknown, field: string): string | undefined {
  const key =
    typeof value === "object" && value !== null ? (value as Record<string, unknown>)[field] : undefined;
  return typeof key === "string" || typeof key === "number" ? String(key) : undefined;
}

function issuesOf(result: z.ZodSafeParseResult<unknown>): string[] {
  if (result.success) return ["invalid"];
  return result.error.issues.slice(0, MAX_ISSUES).map((issue) => {
    const path = issue.path
      .map((segment, index) =>
        typeof segment === "number" ? `[${segment}]` : `${index === 0 ? "" : "."}${String(segment)}`,
      )
      .join("");
    return path === "" ? issue.message : `${path}: ${issue.message}`;
  });
}

/** What no engine stores, though it is valid JSON. Without recursion, because a record may be deeper than our stack. */
function unstorable(value: unknown): string | undefined {
  const left: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 1 }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next.value === "string" && !next.value.isWellFormed()) return HALF_PAIR;
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.depth > MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH} levels`;
    for (const [key, inner] of Object.entries(next.value)) {
      if (!key.isWellFormed()) return HALF_PAIR;
      left.push({ value: inner, depth: next.depth + 1 });
    }
  }
  return undefined;
}
