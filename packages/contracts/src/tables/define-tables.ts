import { z } from "zod";
import { canonicalJson, sha256Hex } from "./canonical-json.ts";
import { assertColumnName, snakeCase } from "./column-name.ts";
import { isObject, refuse, scalarType, type Unwrapped, unwrap } from "./read-schema.ts";
import {
  type CollectionSpec,
  type ColumnSpec,
  type LogicalType,
  ORDINAL,
  PARENT_ID,
  type TableSpec,
  ordinalColumn,
} from "./table-spec.ts";

/** A collection, as `defineTables` is told of it. */
export interface DefineTablesOptions<Record> {
  /** Also the name of the parent table. */
  readonly collection: string;
  readonly schema: z.ZodType<Record>;
  /**
   * Top-level field that identifies a record; a string or an integer, never null.
   * @default "id"
   */
  readonly key?: string;
  /** @default 1 */
  readonly schemaVersion?: number;
  readonly description?: string;
}

/**
 * Derives a collection's tables from its zod schema: nested objects become prefixed columns, every array becomes a
 * child table `<parent>__<path>` keyed by (`_parent_id`, `_ordinal`), and a value without a fixed shape (`z.unknown()`,
 * `z.record()`, mixed unions) becomes a string column with its JSON text.
 *
 * @throws EtlError of kind `usage` for a schema that has no faithful table: transforms, two columns of one name, a
 *   reserved word without a name of its own, keys that differ only in case.
 */
export function defineTables<Record>(options: DefineTablesOptions<Record>): CollectionSpec<Record> {
  const key = options.key ?? "id";
  const root = unwrap(options.schema);
  const definition = root.schema.def;
  if (!isObject(definition)) {
    throw refuse(options.collection, "a record must be an object");
  }
  const keyField = definition.shape[key];
  const keyType =
    keyField === undefined ? undefined : scalarType(unwrap(keyField), `${options.collection}.${key}`);
  if (keyField === undefined || (keyType !== "string" && keyType !== "int64") || unwrap(keyField).nullable) {
    throw refuse(
      options.collection,
      `the key field ${JSON.stringify(key)} must be a string or an integer, not null`,
    );
  }
  const description = options.description ?? root.meta.description;
  const context: Context = {
    collection: options.collection,
    parentKey: { name: unwrap(keyField).meta.column ?? snakeCase(key), type: keyType },
    schemaVersion: options.schemaVersion ?? 1,
    tables: [],
  };
  addTable(context, {
    name: snakeCase(options.collection),
    parent: undefined,
    arrayPath: [],
    element: options.schema,
    description,
  });
  const names = new Set<string>();
  for (const table of context.tables) {
    if (names.has(table.name)) throw refuse(options.collection, `two arrays give the table ${table.name}`);
    names.add(table.name);
  }
  const shape = z.toJSONSchema(options.schema, { io: "input", unrepresentable: "any" });
  const fingerprint = sha256Hex(canonicalJson(withoutDescriptions({ tables: context.tables, shape })));
  return { name: options.collection, schema: options.schema, key, tables: context.tables, fingerprint };
}

/** A better sentence about a column is no other column. A field that is called `description` is no sentence. */
function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) => key !== "description" || typeof inner !== "string",
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutDescriptions(inner)]));
}

interface Context {
  readonly collection: string;
  readonly parentKey: { readonly name: string; readonly type: LogicalType };
  readonly schemaVersion: number;
  readonly tables: TableSpec[];
}

interface TableDraft {
  readonly name: string;
  readonly parent: string | undefined;
  readonly arrayPath: string[][];
  readonly element: z.ZodType;
  readonly description: string | undefined;
}

interface Level extends TableDraft {
  readonly columns: ColumnSpec[];
  readonly children: TableDraft[];
}

function addTable(context: Context, draft: TableDraft): void {
  const level: Level = { ...draft, columns: [], children: [] };
  const element = unwrap(draft.element);
  const definition = element.schema.def;
  if (isObject(definition)) {
    addObject(context, level, definition.shape, [], [], element.nullable && draft.arrayPath.length > 0);
  } else if (definition.type === "array") {
    level.children.push(childOf(level, [], [], element));
  } else {
    level.columns.push(column(`${draft.name}[]`, [], ["value"], element, element.nullable));
  }
  const seen = new Set<string>();
  for (const { name } of level.columns) {
    if (seen.has(name)) throw refuse(context.collection, `two fields give the column ${draft.name}.${name}`);
    seen.add(name);
  }
  const depth = draft.arrayPath.length;
  context.tables.push({
    name: draft.name,
    collection: context.collection,
    ...(draft.parent === undefined ? {} : { parent: draft.parent }),
    arrayPath: draft.arrayPath,
    key:
      depth === 0
        ? [context.parentKey.name]
        : [
            PARENT_ID,
            ...draft.arrayPath.map((_, index) => (index === 0 ? ORDINAL : ordinalColumn(index + 1))),
          ],
    parentKey: context.parentKey,
    columns: level.columns,
    schemaVersion: context.schemaVersion,
    ...(draft.description === undefined ? {} : { description: draft.description }),
  });
  for (const child of level.children) addTable(context, child);
}

function addObject(
  context: Context,
  level: Level,
  shape: Readonly<Record<string, z.ZodType>>,
  path: readonly string[],
  names: readonly string[],
  nullable: boolean,
): void {
  const folded = new Map<string, string>();
  for (const [field, schema] of Object.entries(shape)) {
    const twin = folded.get(field.toLowerCase());
    // SQL engines compare the names of struct fields without regard to case.
    if (twin !== undefined)
      throw refuse(context.collection, `the keys ${twin} and ${field} differ only in case`);
    folded.set(field.toLowerCase(), field);

    const value = unwrap(schema);
    const fieldPath = [...path, field];
    const fieldNames =
      value.meta.column === undefined ? [...names, snakeCase(field)] : [...names, value.meta.column];
    const fieldNullable = nullable || value.nullable;
    const definition = value.schema.def;
    if (isObject(definition)) {
      addObject(context, level, definition.shape, fieldPath, fieldNames, fieldNullable);
    } else if (definition.type === "array") {
      level.children.push(childOf(level, fieldPath, fieldNames, value));
    } else {
      level.columns.push(
        column(`${level.name}.${fieldPath.join(".")}`, fieldPath, fieldNames, value, fieldNullable),
      );
    }
  }
}

function childOf(
  level: Level,
  path: readonly string[],
  names: readonly string[],
  array: Unwrapped,
): TableDraft {
  const definition = array.schema.def as z.core.$ZodArrayDef;
  const element = definition.element as z.ZodType;
  return {
    name: `${level.name}__${names.length === 0 ? "items" : names.join("_")}`,
    parent: level.name,
    arrayPath: [...level.arrayPath, [...path]],
    element,
    description: array.meta.description ?? unwrap(element).meta.description,
  };
}

function column(
  where: string,
  path: readonly string[],
  names: readonly string[],
  value: Unwrapped,
  nullable: boolean,
): ColumnSpec {
  const name = names.join("_");
  assertColumnName(name, where);
  const type = scalarType(value, where);
  return {
    name,
    path: [...path],
    type: type ?? "string",
    nullable,
    ...(type === undefined ? { json: true as const } : {}),
    ...(value.meta.description === undefined ? {} : { description: value.meta.description }),
  };
}
