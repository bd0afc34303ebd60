import { castOperand, castValue, type Place } from "./cast-value.ts";
import type { Field, Model } from "./model.ts";
import { castError, isPlainObject, QueryError } from "./query-error.ts";

/** A filter that `mingo` can run, and the words of a `$text` search, which it cannot. */
export interface CastFilter {
  readonly filter: Readonly<Record<string, unknown>>;
  readonly text: string | undefined;
}

/**
 * A filter as mongoose 6 hands it to the database: values cast by the schema, and every field or top-level operator
 * that the schema does not know silently dropped, so that a misspelt filter matches everything. Inside `$or` it
 * becomes an empty condition, which matches everything as well.
 */
export function castFilter(model: Model, filter: Readonly<Record<string, unknown>>): CastFilter {
  let text: string | undefined;
  const search = filter["$text"];
  if (search !== undefined) {
    if (!isPlainObject(search)) throw castError("$text", search, "$text", model.name);
    text = String(search["$search"] ?? "");
  }
  return { filter: castConditions(model, "", filter), text };
}

function castConditions(
  model: Model,
  prefix: string,
  conditions: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const cast: Record<string, unknown> = {};
  // From the last one, as mongoose does: it decides which of two errors is told.
  for (const [key, value] of Object.entries(conditions).reverse()) {
    if (key === "$or" || key === "$and" || key === "$nor") {
      cast[key] = castBranches(model, prefix, key, value);
    } else if (key === "$expr") {
      cast[key] = value;
    } else if (key === "$where") {
      // The real API runs the JavaScript in its database.
      throw new QueryError("$where is not supported here");
    } else if (key === "$elemMatch") {
      throw new QueryError(`unknown top level operator: ${key}`);
    } else if (!key.startsWith("$") && key !== "__proto__") {
      const path = prefix === "" ? key : `${prefix}.${key}`;
      const field = model.field(path);
      if (field !== undefined) cast[key] = castCondition(model, field, value, path);
      // Below a plain value there is nothing to cast by, but the condition stands.
      else if (model.below(path)) cast[key] = value;
    }
  }
  return cast;
}

function castBranches(model: Model, prefix: string, operator: string, branches: unknown): unknown[] {
  if (!Array.isArray(branches)) throw castError("Array", branches, operator, model.name);
  if (branches.length === 0) throw new QueryError("$and/$or/$nor must be a nonempty array");
  return branches.map((branch: unknown, index) => {
    if (!isPlainObject(branch)) throw castError("Object", branch, `${operator}.${index}`, model.name);
    return castConditions(model, prefix, branch);
  });
}

function castCondition(model: Model, field: Field, value: unknown, path: string): unknown {
  const place = { path: model.errorPath(path), model: model.name };
  if (value === null || field.kind === "nested") return value;
  if (isPlainObject(value) && Object.keys(value).some((key) => key.startsWith("$"))) {
    return castOperators(model, field, value, place, path);
  }
  if (field.kind === "documents") {
    if (typeof value !== "object") {
      throw new QueryError(`Parameter "obj" to Document() must be an object, got ${String(value)}`);
    }
    return value;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => castValue(field.type, item, place));
    return field.kind === "values" || field.type === "Mixed" ? items : { $in: items };
  }
  return castValue(field.type, value, place);
}

function castOperators(
  model: Model,
  field: Field,
  operators: Readonly<Record<string, unknown>>,
  place: Place,
  path: string,
): Record<string, unknown> {
  const cast: Record<string, unknown> = {};
  for (const [operator, operand] of Object.entries(operators).reverse()) {
    if (operator === "$not") {
      // A text of MongoDB, which refuses what mongoose lets through.
      if (!isPlainObject(operand)) throw new QueryError("$not needs a regex or a document");
      cast[operator] = castOperators(model, field, operand, place, path);
    } else if (operator === "$elemMatch" && isPlainObject(operand)) {
      cast[operator] =
        field.kind === "documents"
          ? castConditions(model, path, operand)
          : castOperators(model, elementOf(field), operand, place, path);
    } else if (field.kind === "documents") {
      cast[operator] = castOperand("Mixed", true, operator, operand, place);
    } else if (field.kind === "nested") {
      cast[operator] = operand;
    } else {
      cast[operator] = castOperand(field.type, field.kind === "values", operator, operand, place);
    }
  }
  return cast;
}

function elementOf(field: Field): Field {
  return field.kind === "values" ? { kind: "value", type: field.type } : field;
}
