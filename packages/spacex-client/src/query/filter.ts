import type { EtlError } from "@spacex-etl/contracts/errors";
import { type Field, type Fields, suggestion } from "./fields.ts";
import { invalidQuery, isPlainObject } from "./invalid-query.ts";
import { comparand, operatorsOf, sentOperand } from "./operators.ts";

/** JSON of a filter as it is sent. */
export type SentFilter = Readonly<Record<string, unknown>>;

/** What a filter is over. */
export interface Filtered {
  /** Name for messages. */
  readonly collection: string;
  readonly fields: Fields;
  /** Whether there is a text index for `$text`. */
  readonly searchable: boolean;
}

const LOGICAL = new Set(["$and", "$or", "$nor"]);

/**
 * A filter as the API understands it. What the API would silently ignore is refused here: its database drops fields and
 * top-level operators that it does not know, and then answers all records with status 200.
 *
 * @throws EtlError of kind `usage`, code `QUERY_INVALID`.
 */
export function sentFilter(filter: unknown, of: Filtered): SentFilter {
  if (filter === undefined) return {};
  return documentFilter(filter, { ...of, prefix: "", top: true });
}

interface Context extends Filtered {
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
    } else if (key === "$text") {
      sent[key] = textSearch(value, context);
    } else {
      const [name, path, field] = known(key, context);
      if (Object.hasOwn(sent, name)) throw invalid(context, "both id and _id are given", "Give one of them.");
      sent[name] = condition(value, path, field, context);
    }
  }
  return sent;
}

function alternatives(operator: string, value: unknown, context: Context): SentFilter[] {
  if (!Array.isArray(value) || value.length === 0)
    throw invalid(context, `${operator} needs a list of at least one filter`, "Leave it out.");
  return value.map((filter) => {
    const sent = documentFilter(filter, { ...context, top: false });
    if (Object.keys(sent).length > 0) return sent;
    throw invalid(context, `${operator} holds an empty filter, which every record matches`, "Leave it out.");
  });
}

function textSearch(value: unknown, context: Context): SentFilter {
  if (!context.searchable) {
    throw invalid(
      context,
      "the API has no text index for $text here",
      'Use { $regex: "…", $options: "i" } on a field.',
    );
  }
  // MongoDB wants it at the top, where its index is chosen.
  if (!context.top) throw invalid(context, "$text stands inside of another condition", "Put it at the top.");
  if (isPlainObject(value) && Object.keys(value).length === 1 && typeof value["$search"] === "string")
    return value;
  throw invalid(context, "$text is not { $search: text }", 'Write { $text: { $search: "words" } }.');
}

/** The name to send for a field, its path from the record, and what it is. Positions (`cores.0.core`) are allowed. */
function known(key: string, context: Context): readonly [name: string, path: string, field: Field] {
  const name = key === "id" && context.prefix === "" ? "_id" : key;
  const path = `${context.prefix}${name}`;
  const field = context.fields.get(withoutPositions(path));
  if (field !== undefined) return [name, path, field];
  if (key === "options" && context.top) {
    throw invalid(
      context,
      "options stands inside of query, where the API ignores it",
      "Its keys stand beside query: { query: { … }, sort, select, populate, limit, page }.",
    );
  }
  if (key.startsWith("$")) {
    throw invalid(
      context,
      `the operator ${key} cannot stand here`,
      "Between fields there are $and, $or, $nor and, at the top, $text.",
    );
  }
  const wrong = `${context.prefix}${key}`;
  const candidates = [...context.fields.keys()].filter((candidate) => candidate.startsWith(context.prefix));
  throw invalid(context, `there is no field ${JSON.stringify(wrong)}`, suggestion(wrong, candidates));
}

function condition(value: unknown, path: string, field: Field, context: Context): unknown {
  const place = { collection: context.collection, path };
  if (!isPlainObject(value)) return comparand(value, field, place);
  const keys = Object.keys(value);
  if (keys.length === 0 || keys.some((key) => !key.startsWith("$"))) {
    throw invalid(
      context,
      `${path} is compared with an object, which would have to be equal in every field and their order`,
      `Name the field inside: "${path}.${keys.find((key) => !key.startsWith("$")) ?? "field"}", or use { $elemMatch: { … } }.`,
    );
  }
  if (keys.includes("$options") && !keys.includes("$regex"))
    throw invalid(context, `$options of ${path} stands without $regex`, "They belong together.");
  return Object.fromEntries(
    Object.entries(value).map(([operator, operand]) => [
      operator,
      operandOf(operator, operand, path, field, context),
    ]),
  );
}

function operandOf(
  operator: string,
  operand: unknown,
  path: string,
  field: Field,
  context: Context,
): unknown {
  const operators = operatorsOf(field);
  if (!operators.includes(operator)) {
    throw invalid(
      context,
      `${path} has the unknown operator ${operator}`,
      `A field of its type takes ${operators.join(", ")}.`,
    );
  }
  if (operator === "$not") {
    if (isPlainObject(operand)) return condition(operand, path, field, context);
    throw invalid(context, `$not of ${path} needs operators`, "Use $ne for a value.");
  }
  if (operator === "$elemMatch") return elementMatch(operand, path, field, context);
  if (operator === "$all" && field.kind === "documents") return allElements(operand, path, field, context);
  return sentOperand(operator, operand, field, { collection: context.collection, path });
}

function elementMatch(operand: unknown, path: string, field: Field, context: Context): unknown {
  if (field.kind !== "values")
    return documentFilter(operand, { ...context, prefix: `${withoutPositions(path)}.`, top: false });
  if (isPlainObject(operand) && Object.keys(operand).every((key) => key.startsWith("$")))
    return condition(operand, path, { kind: "value", type: field.type }, context);
  throw invalid(context, `$elemMatch of ${path} needs operators`, "The array holds values, not objects.");
}

function allElements(operand: unknown, path: string, field: Field, context: Context): unknown {
  const hint = "Write [{ $elemMatch: { … } }, …].";
  if (!Array.isArray(operand)) throw invalid(context, `$all of ${path} needs a list`, hint);
  return operand.map((item: unknown) => {
    if (isPlainObject(item) && Object.keys(item).join() === "$elemMatch")
      return { $elemMatch: elementMatch(item["$elemMatch"], path, field, context) };
    throw invalid(context, `$all of ${path} holds something other than $elemMatch`, hint);
  });
}

function withoutPositions(path: string): string {
  return path.replace(/\.\d+(?=\.|$)/g, "");
}

function invalid(context: Filtered, problem: string, hint: string): EtlError {
  return invalidQuery(context.collection, problem, hint);
}
