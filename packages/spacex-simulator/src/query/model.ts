import type { ColumnSpec, TableSpec } from "@spacex-etl/contracts";
import { collections, type CollectionName } from "@spacex-etl/spacex-client/tables";
import { resources } from "../api/index.ts";

/** Types of the API's model. Its dates are strings. `Mixed` is neither cast nor checked. */
export type FieldType = "ObjectId" | "String" | "Number" | "Boolean" | "Mixed";

/** What stands at a path of a record. */
export type Field =
  | { readonly kind: "value"; readonly type: FieldType }
  /** An array of plain values. */
  | { readonly kind: "values"; readonly type: FieldType }
  | { readonly kind: "documents" }
  /** An object between the record and a field. */
  | { readonly kind: "nested" };

/** The fields of one model by path, as a filter names them: `links.patch.small`, `cores.core`. */
export interface Model {
  readonly name: string;
  /** Positions in arrays (`cores.0.core`) are looked through. `id` is no field: it is computed from `_id`. */
  field(path: string): Field | undefined;
  /** Whether a path leads into a plain value: `name.first`. */
  below(path: string): boolean;
  /** The path as error texts name it: inside of a document of an array, relative to that. */
  errorPath(path: string): string;
}

/** Paths below which the API's models say nothing (models/*.js of its source). */
const MIXED: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  dragons: { thrusters: { kind: "value", type: "Mixed" } },
  rockets: {
    "landing_legs.material": { kind: "value", type: "Mixed" },
    payload_weights: { kind: "values", type: "Mixed" },
  },
};

const models = new Map<string, Model>();

/** The model of a collection, derived from the tables of `@spacex-etl/spacex-client` when first asked for. */
export function modelOf(collection: string): Model {
  const known = models.get(collection);
  if (known !== undefined) return known;
  const model = deriveModel(collection);
  models.set(collection, model);
  return model;
}

function deriveModel(collection: string): Model {
  const references = resources.get(collection)?.references ?? {};
  const fields = new Map<string, Field>([["_id", { kind: "value", type: "ObjectId" }]]);
  const typeOf = (path: string, column: ColumnSpec): FieldType =>
    Object.hasOwn(references, path) ? "ObjectId" : fieldType(column);
  for (const table of collections[collection as CollectionName].tables) {
    const array = table.arrayPath.flat();
    const scalar = isScalarArray(table);
    if (array.length > 0) addNested(fields, array);
    for (const column of table.columns) {
      const keys = [...array, ...column.path];
      const path = keys.join(".");
      addNested(fields, keys);
      fields.set(path, { kind: scalar ? "values" : "value", type: typeOf(path, column) });
    }
    if (array.length > 0 && !scalar) fields.set(array.join("."), { kind: "documents" });
  }
  fields.delete("id");
  for (const [path, mixed] of Object.entries(MIXED[collection] ?? {})) {
    for (const known of fields.keys()) if (known.startsWith(`${path}.`)) fields.delete(known);
    fields.set(path, mixed);
  }
  const field = (path: string) => fields.get(path) ?? fields.get(path.replace(/\.\d+(?=\.|$)/g, ""));
  return {
    name: resources.get(collection)?.model ?? collection,
    field,
    errorPath(path) {
      const keys = path.split(".");
      const array = keys.findLastIndex(
        (_, index) =>
          index < keys.length - 1 && field(keys.slice(0, index + 1).join("."))?.kind === "documents",
      );
      const own = keys.slice(array + 1);
      if (array >= 0 && /^\d+$/.test(own[0] ?? "") && own.length > 1) own.shift();
      return own.join(".").replace(/\.\d+$/, ".$");
    },
    below(path) {
      const keys = path.split(".");
      return keys.some((_, index) => index > 0 && "type" in (field(keys.slice(0, index).join(".")) ?? {}));
    },
  };
}

function addNested(fields: Map<string, Field>, keys: readonly string[]): void {
  for (let length = 1; length < keys.length; length++) {
    const path = keys.slice(0, length).join(".");
    if (!fields.has(path)) fields.set(path, { kind: "nested" });
  }
}

function isScalarArray(table: TableSpec): boolean {
  return table.arrayPath.length > 0 && table.columns.length === 1 && table.columns[0]?.path.length === 0;
}

function fieldType(column: ColumnSpec): FieldType {
  if (column.json === true) return "Mixed";
  if (column.type === "int64" || column.type === "float64") return "Number";
  return column.type === "boolean" ? "Boolean" : "String";
}
