import { EtlError } from "@spacex-etl/contracts";
import { type FieldPaths, nearestPath } from "./field-paths.ts";

/** JSON of a filter as it is sent. */
export type SentFilter = Readonly<Record<string, unknown>>;

const LOGICAL = new Set(["$and", "$or", "$nor"]);
const OPERATORS = new Set(
  "$eq $ne $gt $gte $lt $lte $in $nin $exists $type $mod $regex $options $size $all $elemMatch $not".split(
    " ",
  ),
);

/**
 * A filter as the API understands it. What the API would silently ignore is refused here: its database drops fields and
 * top-level operators that it does not know, and then answers all records with status 200.
 *
 * @throws EtlError of kind `usage`, code `QUERY_INVALID`.
 */
export function sentFilter(filter: unknown, fields: FieldPaths, collection: string): SentFilter {
  if (filter === undefined) return {};
  return documentFilter(filter, { fields, collection, prefix: "", top: true });
}

interface Context {
  readonly fields: FieldPaths;
  readonly collection: string;
  /** Path of the array whose elements the filter is for: `cores.`; empty for records. */
  readonly prefix: string;
  /** Not inside of `$or` and the like. */
  readonly top: boolean;
}

function documentFilter(filter: unknown, context: Context): SentFilter {
  if (!isPlainObject(filter))
    throw invalid(context, "a filter must be an object", "For all records leave it out.");
  const sent: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(filter)) {
    if (LOGICAL.has(key)) {
      sent[key] = alternatives(key, value, context);
    } else if (key === "$text" && context.prefix === "") {
      if (!isPlainObject(value) || typeof value["$search"] !== "string")
        throw invalid(context, "$text needs { $search: text }", "");
      sent[key] = plainJson(value, key, context);
    } else {
      const path = knownPath(key, context);
      if (Object.hasOwn(sent, path)) throw invalid(context, "both id and _id are given", "Give one of them.");
      sent[path] = condition(value, `${context.prefix}${path}`, context);
    }
  }
  return sent;
}

function alternatives(operator: string, value: unknown, context: Context): SentFilter[] {
  if (!Array.isArray(value) || value.length === 0)
    throw invalid(context, `${operator} needs a list of at least one filter`, "Leave it out.");
  return value.map((filter) => {
    const sent = documentFilter(filter, { ...context, top: false });
    if (Object.keys(sent).length === 0)
      throw invalid(
        context,
        `${operator} holds an empty filter, which every record matches`,
        "Leave it out.",
      );
    return sent;
  });
}

/** The name to send for a field. Positions in arrays (`cores.0.core`) are allowed. */
function knownPath(key: string, context: Context): string {
  const name = key === "id" && context.prefix === "" ? "_id" : key;
  const path = `${context.prefix}${name}`
    .split(".")
    .filter((part) => !/^\d+$/.test(part))
    .join(".");
  if (context.fields.all.has(path)) return name;
  if (key === "options" && context.top) {
    throw invalid(
      context,
      "options stands inside of query, where the API ignores it",
      "Put it beside query: { query: { … }, options: { … } }.",
    );
  }
  if (key.startsWith("$")) {
    throw invalid(
      context,
      `the operator ${key} cannot stand here`,
      "Between fields there are $and, $or, $nor and, at the top, $text.",
    );
  }
  const nearest = nearestPath(`${context.prefix}${key}`, context.fields.all);
  throw invalid(
    context,
    `there is no field ${JSON.stringify(`${context.prefix}${key}`)}`,
    nearest === undefined
      ? `The fields are ${[...context.fields.top].join(", ")}.`
      : `Did you mean ${JSON.stringify(nearest)}?`,
  );
}

function condition(value: unknown, path: string, context: Context): unknown {
  if (!isPlainObject(value)) return plainJson(value, path, context);
  const keys = Object.keys(value);
  if (keys.length === 0 || keys.some((key) => !key.startsWith("$"))) {
    throw invalid(
      context,
      `${path} is compared with an object, which would have to be equal in every field and their order`,
      `Name the field inside: "${path}.${keys.find((key) => !key.startsWith("$")) ?? "field"}", or use { $elemMatch: { … } }.`,
    );
  }
  return Object.fromEntries(
    Object.entries(value).map(([operator, operand]) => [
      operator,
      operandOf(operator, operand, path, context),
    ]),
  );
}

function operandOf(operator: string, operand: unknown, path: string, context: Context): unknown {
  if (!OPERATORS.has(operator)) {
    throw invalid(
      context,
      `${path} has the unknown operator ${operator}`,
      `Known are ${[...OPERATORS].join(", ")}.`,
    );
  }
  if (operator === "$not") {
    if (!isPlainObject(operand))
      throw invalid(context, `$not of ${path} needs operators`, "Use $ne for a value.");
    return condition(operand, path, context);
  }
  if (operator === "$elemMatch") {
    if (isPlainObject(operand) && Object.keys(operand).every((key) => OPERATORS.has(key)))
      return condition(operand, path, context);
    return documentFilter(operand, { ...context, prefix: `${withoutPositions(path)}.`, top: false });
  }
  if (operator === "$all" && Array.isArray(operand)) {
    return operand.map((item) =>
      isPlainObject(item) ? condition(item, path, context) : plainJson(item, path, context),
    );
  }
  if ((operator === "$in" || operator === "$nin" || operator === "$all") && !Array.isArray(operand))
    throw invalid(context, `${operator} of ${path} needs a list`, "");
  return plainJson(operand, path, context);
}

function withoutPositions(path: string): string {
  return path.replace(/\.\d+(?=\.|$)/g, "");
}

/** A value that JSON keeps as it is; `undefined` would vanish, and with it the condition. */
function plainJson(value: unknown, path: string, context: Context): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => plainJson(item, path, context));
  if (isPlainObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, plainJson(item, path, context)]),
    );
  if (value instanceof RegExp) {
    throw invalid(
      context,
      `${path} is a RegExp, which JSON cannot carry`,
      'Use { $regex: "…", $options: "i" }.',
    );
  }
  const what =
    value instanceof Date ? "an invalid date" : typeof value === "number" ? String(value) : typeof value;
  throw invalid(
    context,
    `${path} is ${what}, which JSON cannot carry`,
    "Leave the field out, or give it a value.",
  );
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function invalid(context: { readonly collection: string }, problem: string, hint: string): EtlError {
  return invalidQuery(context.collection, problem, hint);
}

/** A query that must not be sent. */
export function invalidQuery(collection: string, problem: string, hint: string): EtlError {
  return new EtlError({
    kind: "usage",
    code: "QUERY_INVALID",
    message: `The query of ${collection} was not sent: ${problem}.`,
    ...(hint === "" ? {} : { hint }),
  });
}
