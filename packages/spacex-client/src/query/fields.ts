import type { z } from "zod";
import { nearestName } from "../names/index.ts";

/**
 * What a value of a field is. `instant` is a date and time in UTC that the API keeps as text of one form, with
 * milliseconds or without.
 */
export type ValueType =
  | { readonly name: "id" | "text" | "number" | "boolean" }
  | { readonly name: "instant"; readonly milliseconds: boolean };

/** What stands at a path of a record. */
export type Field =
  | { readonly kind: "value"; readonly type: ValueType }
  /** An array of plain values. */
  | { readonly kind: "values"; readonly type: ValueType }
  /** An array of objects. */
  | { readonly kind: "documents" }
  /** An object between the record and a field. */
  | { readonly kind: "object" };

/** The fields of records by path: with dots, without positions in arrays. `_id` stands for `id`. */
export type Fields = ReadonlyMap<string, Field>;

/**
 * The fields of a record, read from its schema.
 *
 * @param idPaths paths that hold ids of other records.
 */
export function fieldsOf(schema: z.ZodType, idPaths: ReadonlySet<string>): Fields {
  const fields = new Map<string, Field>([["_id", { kind: "value", type: { name: "id" } }]]);
  addFields(schema, "", idPaths, fields);
  fields.delete("id");
  return fields;
}

interface AnyDefinition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly format?: string;
  readonly offset?: boolean;
  readonly local?: boolean;
}

function addFields(
  schema: z.ZodType,
  prefix: string,
  idPaths: ReadonlySet<string>,
  fields: Map<string, Field>,
): void {
  for (const [key, field] of Object.entries(definitionOf(schema).shape ?? {})) {
    const path = `${prefix}${key}`;
    const definition = definitionOf(field);
    const element = definition.element === undefined ? undefined : definitionOf(definition.element);
    if (definition.shape !== undefined) {
      fields.set(path, { kind: "object" });
      addFields(field, `${path}.`, idPaths, fields);
    } else if (element?.shape !== undefined && definition.element !== undefined) {
      fields.set(path, { kind: "documents" });
      addFields(definition.element, `${path}.`, idPaths, fields);
    } else {
      const type: ValueType = idPaths.has(path) ? { name: "id" } : valueType(element ?? definition, path);
      fields.set(path, { kind: element === undefined ? "value" : "values", type });
    }
  }
}

/** The definition below `nullable` and `optional`. */
function definitionOf(schema: z.ZodType): AnyDefinition {
  const definition = schema.def as AnyDefinition;
  const wrapped = definition.type === "nullable" || definition.type === "optional";
  return wrapped && definition.innerType !== undefined ? definitionOf(definition.innerType) : definition;
}

/** The one instant that the API keeps without milliseconds: `2017-03-30T00:00:00Z`. */
const WITHOUT_MILLISECONDS = "event_date_utc";

function valueType(definition: AnyDefinition, path: string): ValueType {
  if (definition.type === "number" || definition.type === "boolean") return { name: definition.type };
  const inUtc = definition.format === "datetime" && definition.offset !== true && definition.local !== true;
  return inUtc ? { name: "instant", milliseconds: path !== WITHOUT_MILLISECONDS } : { name: "text" };
}

/** What to do about a field that does not exist. */
export function suggestion(wrong: string, known: Iterable<string>): string {
  // The id comes last: its short name is near to every other short one.
  const names = [...known].sort((a, b) => Number(a === "_id") - Number(b === "_id"));
  const nearest = nearestName(wrong, names);
  if (nearest !== undefined) return `Did you mean ${JSON.stringify(nearest === "_id" ? "id" : nearest)}?`;
  const top = names.filter((name) => !name.includes(".") && name !== "_id");
  return `The fields are ${["id", ...top].join(", ")}.`;
}
