import { inspect } from "node:util";

/** A query that the API refuses: answered as 400 with the message as text. */
export class QueryError extends Error {
  override readonly name = "QueryError";
}

/** The text of mongoose for a value that does not fit its field. */
export function castError(kind: string, value: unknown, path: string, model: string): QueryError {
  const inspected = inspect(value).replace(/^'|'$/g, '"');
  const text = inspected.startsWith('"') ? inspected : `"${inspected}"`;
  return new QueryError(
    `Cast to ${kind} failed for value ${text} (type ${typeName(value)}) at path "${path}" for model "${model}"`,
  );
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? (Array.isArray(value) ? "Array" : "Object") : typeof value;
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
