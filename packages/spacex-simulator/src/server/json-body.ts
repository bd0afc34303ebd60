import type { RequestBody } from "./request-body.ts";

/** Parses what an API on Node 18 parses (co-body in strict mode, with bourne), with its texts for what it refuses. */
export function parseBodyJson(text: string): RequestBody {
  if (!/^[ \t\n\r]*[[{]/.test(text)) return refused("invalid JSON, only supports object and array");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refused(parserText(text, error));
  }
  // Without such a key in the text, written plainly or with escapes, there is nothing to look for.
  if (/__proto__|\\u00/i.test(text) && hasPrototypeKey(value)) {
    return refused("Object contains forbidden prototype property");
  }
  return { ok: true, value };
}

function refused(text: string): RequestBody {
  return { ok: false, status: 400, text };
}

function hasPrototypeKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) => key === "__proto__" || hasPrototypeKey(inner));
}

/** What the JSON parser of Node 18 says; newer ones word it otherwise, and not always with a position. */
function parserText(text: string, error: unknown): string {
  if (isUnfinished(text, error)) return "Unexpected end of JSON input";
  // The shortest beginning that more text cannot mend ends with the wrong character.
  let [good, bad] = [0, text.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (canGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  const wrong = text[bad - 1] ?? "";
  if (wrong === '"') return `Unexpected string in JSON at position ${bad - 1}`;
  if (/[-0-9]/.test(wrong)) return `Unexpected number in JSON at position ${bad - 1}`;
  return `Unexpected token ${wrong} in JSON at position ${bad - 1}`;
}

function canGoOn(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return isUnfinished(text, error);
  }
}

function isUnfinished(text: string, error: unknown): boolean {
  const message = error instanceof Error ? error.message : "";
  const position = / at position (\d+)/.exec(message)?.[1];
  return position === undefined ? message.includes("end of JSON input") : Number(position) >= text.length;
}
