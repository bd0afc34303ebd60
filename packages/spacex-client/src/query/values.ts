import type { ValueType } from "./fields.ts";
import { invalidQuery } from "./invalid-query.ts";

/** Where a value stands, for messages. */
export interface Place {
  readonly collection: string;
  readonly path: string;
}

/**
 * A value of a filter as JSON keeps it. One that the API would refuse, or compare as something else, is refused here.
 *
 * @throws EtlError of kind `usage`, code `QUERY_INVALID`.
 */
export function sentValue(type: ValueType, value: unknown, place: Place): string | number | boolean | null {
  if (value === null) return null;
  switch (type.name) {
    case "id":
      if (typeof value === "string" && isId(value)) return value;
      throw refused(
        place,
        typeof value === "string"
          ? `compared with ${JSON.stringify(value)}, which is no id`
          : described(value),
        "An id has 24 hex digits; a name is found by a query of its own collection.",
      );
    case "number":
      if (typeof value === "number" && Number.isFinite(value)) return value;
      throw refused(place, described(value), numberHint(value));
    case "boolean":
      if (typeof value === "boolean") return value;
      throw refused(place, described(value), "It is true or false.");
    case "instant":
      if (value instanceof Date && !Number.isNaN(value.getTime()))
        return instantText(value, type.milliseconds);
      if (typeof value === "string") return sentInstant(value, type.milliseconds, place);
      throw refused(place, described(value), "It is a Date, or text such as 2022-10-05T16:00:00.000Z.");
    case "text":
      if (typeof value === "string") return value;
      throw refused(
        place,
        described(value),
        value instanceof Date
          ? "The API keeps this as text of another form: compare it with text of that form."
          : "It is a text.",
      );
  }
}

/** Whether a text is an id of MongoDB. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{24}$/i.test(text);
}

function numberHint(value: unknown): string {
  return value instanceof Date
    ? "It is a number of seconds: Math.floor(date.getTime() / 1000)."
    : "It is a number.";
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const ZONED = /(Z|[+-]\d{2}:?\d{2})$/;

/**
 * The API compares these as text. A whole date-time is written as the API writes it, so that `…T12:00:00Z` and
 * `…T14:00:00+02:00` mean the instant that they name; the start of a text is compared as it is.
 */
function sentInstant(text: string, milliseconds: boolean, place: Place): string {
  if (!DATE_TIME.test(text)) return text;
  const date = new Date(text);
  if (!ZONED.test(text) || Number.isNaN(date.getTime())) {
    throw refused(
      place,
      `compared with ${JSON.stringify(text)}, which names no instant`,
      "Give it a zone: 2022-10-05T16:00:00Z. Or use a Date.",
    );
  }
  return instantText(date, milliseconds);
}

function instantText(date: Date, milliseconds: boolean): string {
  const text = date.toISOString();
  return milliseconds ? text : text.replace(/\.\d{3}Z$/, "Z");
}

function described(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid date" : "a Date";
  if (value instanceof RegExp) return "a RegExp, which JSON cannot carry";
  if (typeof value === "number" && !Number.isFinite(value)) return `${value}, which JSON cannot carry`;
  if (value === undefined) return "undefined, which JSON cannot carry";
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return `compared with ${JSON.stringify(value)}`;
  return Array.isArray(value) ? "compared with a list" : `compared with a value of type ${typeof value}`;
}

function refused({ collection, path }: Place, what: string, hint: string) {
  return invalidQuery(
    collection,
    `${path} is ${what}`,
    what.startsWith("a RegExp")
      ? 'Use { $regex: "…", $options: "i" }.'
      : what.startsWith("undefined")
        ? "Leave the field out, or give it a value."
        : hint,
  );
}
