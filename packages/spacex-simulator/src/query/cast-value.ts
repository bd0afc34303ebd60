import type { FieldType } from "./model.ts";
import { castError, isPlainObject, QueryError } from "./query-error.ts";

/** Where a value stands, for error texts. */
export interface Place {
  readonly path: string;
  readonly model: string;
}

const COMPARISONS = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"];
const OF_ANY = new Set([...COMPARISONS, "$in", "$nin", "$all", "$exists", "$type"]);
const OF_NUMBER = new Set(["$mod", "$bitsAllClear", "$bitsAllSet", "$bitsAnyClear", "$bitsAnySet"]);
const OF_STRING = new Set(["$regex", "$options"]);
const OF_ARRAY = new Set(["$size", "$elemMatch", "$regex", "$options"]);

/** One value of a filter as the schema's type, as mongoose casts it. */
export function castValue(type: FieldType, value: unknown, place: Place): unknown {
  if (value === null || type === "Mixed") return value;
  switch (type) {
    case "ObjectId":
      return castObjectId(value, place);
    case "Number":
      return castNumber(value, place);
    case "Boolean":
      return castBoolean(value, place);
    case "String":
      if (typeof value === "object") throw castError("string", value, place.path, place.model);
      return String(value);
  }
}

/** The operand of an operator under a field. Operators that the field's type does not have are errors. */
export function castOperand(
  type: FieldType,
  array: boolean,
  operator: string,
  value: unknown,
  place: Place,
): unknown {
  switch (operator) {
    case "$exists":
      return castBoolean(value, place, "boolean");
    case "$in":
    case "$nin":
    case "$all":
      return (Array.isArray(value) ? value : [value]).map((item: unknown) =>
        isPlainObject(item) ? item : castValue(type, item, place),
      );
    case "$size":
      if (array) return castSize(value);
      break;
    default:
  }
  if (COMPARISONS.includes(operator)) {
    return Array.isArray(value) && array
      ? value.map((item) => castValue(type, item, place))
      : castValue(type, value, place);
  }
  assertOperator(type, array, operator, value, place);
  return value;
}

function assertOperator(
  type: FieldType,
  array: boolean,
  operator: string,
  value: unknown,
  place: Place,
): void {
  if (OF_ANY.has(operator) || (type === "Mixed" && !array)) return;
  if (array) {
    if (!OF_ARRAY.has(operator)) throw new QueryError(`Can't use ${operator} with Array.`);
    return;
  }
  switch (type) {
    case "Number":
      // The text names the value, not the operator; the real API misleads in the same way.
      if (!OF_NUMBER.has(operator)) throw castError("number", value, place.path, place.model);
      return;
    case "String":
      if (!OF_STRING.has(operator)) throw new QueryError(`Can't use ${operator} with String.`);
      return;
    case "ObjectId":
      throw new QueryError(`Can't use ${operator}`);
    default:
      // mongoose lets it through; the text is MongoDB's.
      throw new QueryError(`unknown operator: ${operator}`);
  }
}

function castObjectId(value: unknown, { path, model }: Place): string {
  const text = isPlainObject(value) && "_id" in value ? value["_id"] : value;
  if (typeof text === "string") {
    if (/^[0-9a-f]{24}$/i.test(text)) return text.toLowerCase();
    // Twelve bytes are an ObjectId too.
    if (Buffer.byteLength(text) === 12) return Buffer.from(text).toString("hex");
  }
  throw castError("ObjectId", value, path, model);
}

function castNumber(value: unknown, { path, model }: Place): number | null {
  if (value === "" || value === null) return null;
  const number = typeof value === "string" || typeof value === "boolean" ? Number(value) : value;
  if (typeof number === "number" && !Number.isNaN(number)) return number;
  throw castError("Number", value, path, model);
}

/** How many items an array has. The real API tells of a bad number as of a failed assertion. */
function castSize(value: unknown): number {
  const size = Number(value);
  if (Number.isNaN(size))
    throw new QueryError("The expression evaluated to a falsy value:\n\n  assert.ok(!isNaN(val))\n");
  return size;
}

function castBoolean(value: unknown, { path, model }: Place, name = "Boolean"): boolean {
  if (value === true || value === "true" || value === 1 || value === "1" || value === "yes") return true;
  if (value === false || value === "false" || value === 0 || value === "0" || value === "no") return false;
  throw castError(name, value, path, model);
}
