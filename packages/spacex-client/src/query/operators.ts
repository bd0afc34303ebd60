import type { Field, ValueType } from "./fields.ts";
import { invalidQuery, isPlainObject } from "./invalid-query.ts";
import { type Place, sentValue } from "./values.ts";

const EQUALITY = ["$eq", "$ne", "$in", "$nin", "$exists"];
const ORDER = ["$gt", "$gte", "$lt", "$lte"];
const TEXT = ["$regex", "$options"];

/** The operators that a field takes, as MongoDB and mongoose have them for its type. */
export function operatorsOf(field: Field): readonly string[] {
  switch (field.kind) {
    case "object":
      return ["$eq", "$ne", "$exists"];
    case "documents":
      return ["$elemMatch", "$all", "$size", "$exists", "$not"];
    case "values":
      return [...ofType(field.type).filter((operator) => operator !== "$mod"), "$all", "$size", "$elemMatch"];
    case "value":
      return ofType(field.type);
  }
}

function ofType(type: ValueType): readonly string[] {
  switch (type.name) {
    case "boolean":
      return [...EQUALITY, "$not"];
    case "id":
      return [...EQUALITY, ...ORDER, "$not"];
    case "number":
      return [...EQUALITY, ...ORDER, "$mod", "$not"];
    case "text":
    case "instant":
      return [...EQUALITY, ...ORDER, ...TEXT, "$not"];
  }
}

/** An operand that is a value, a list of values or a setting; not a filter. */
export function sentOperand(operator: string, operand: unknown, field: Field, place: Place): unknown {
  switch (operator) {
    case "$exists":
      if (typeof operand === "boolean") return operand;
      throw bad(place, operator, "is no boolean", "It is true or false.");
    case "$size":
      if (typeof operand === "number" && Number.isSafeInteger(operand) && operand >= 0) return operand;
      throw bad(place, operator, "is no number of elements", "It is a whole number from 0.");
    case "$regex":
    case "$options":
      if (typeof operand === "string") return operand;
      throw bad(
        place,
        operator,
        operand instanceof RegExp ? "is a RegExp, which JSON cannot carry" : "is no text",
        '{ $regex: "^Star", $options: "i" } holds two texts.',
      );
    case "$mod":
      if (Array.isArray(operand) && operand.length === 2 && operand.every((part) => Number.isFinite(part)))
        return operand;
      throw bad(place, operator, "is no pair of numbers", "It is [divisor, remainder].");
    case "$in":
    case "$nin":
    case "$all":
      if (Array.isArray(operand)) return operand.map((item) => sentItem(item, field, place));
      throw bad(place, operator, "needs a list", "Write [value, …].");
    default:
      return comparand(operand, field, place);
  }
}

/** What stands alone, or after `$eq`, `$gt` and the like. */
export function comparand(value: unknown, field: Field, place: Place): unknown {
  if (field.kind === "object") {
    if (value === null) return null;
    throw invalidQuery(
      place.collection,
      `${place.path} is an object, which can only be compared with null`,
      "Name a field inside of it.",
    );
  }
  if (field.kind === "values" && Array.isArray(value))
    return value.map((item) => sentItem(item, field, place));
  return sentItem(value, field, place);
}

function sentItem(value: unknown, field: Field, place: Place): unknown {
  if (field.kind !== "value" && field.kind !== "values") {
    throw invalidQuery(
      place.collection,
      `${place.path} is a list of objects and compared with a value`,
      `Name the field inside: "${place.path}.…", or use { $elemMatch: { … } }.`,
    );
  }
  if (isPlainObject(value) || (Array.isArray(value) && field.kind === "value")) {
    throw invalidQuery(
      place.collection,
      `${place.path} is compared with ${Array.isArray(value) ? "a list" : "an object"}`,
      Array.isArray(value) ? "For any of several values use { $in: [ … ] }." : "It is a value.",
    );
  }
  return sentValue(field.type, value, place);
}

function bad({ collection, path }: Place, operator: string, problem: string, hint: string) {
  return invalidQuery(collection, `${operator} of ${path} ${problem}`, hint);
}
