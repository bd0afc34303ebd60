import type { z } from "zod";
import { EtlError } from "../errors/etl-error.ts";
import { type LogicalType, logicalTypeSchema } from "./table-spec.ts";

/** Metadata that `defineTables` reads from a schema, through `.meta({ … })` on any layer of a wrapped schema. */
export interface ColumnMeta {
  /** Name instead of the `snake_case` of the key; for an object, the prefix of its columns; for an array, of its table. */
  readonly column?: string;
  /** Logical type instead of the derived one; `string` keeps a date-time as the source wrote it. */
  readonly logicalType?: LogicalType;
  readonly description?: string;
}

/** A schema without its wrappers, and what they said. */
export interface Unwrapped {
  readonly schema: z.ZodType;
  readonly nullable: boolean;
  readonly meta: ColumnMeta;
}

/** Looks through `.nullable()`, `.optional()`, `.default()` and the like; metadata of outer layers wins. */
export function unwrap(schema: z.ZodType): Unwrapped {
  let current = schema;
  let nullable = false;
  let meta: ColumnMeta = {};
  for (;;) {
    meta = { ...(current.meta() as ColumnMeta | undefined), ...meta };
    const definition = current.def as { type: string; innerType?: z.ZodType };
    switch (definition.type) {
      case "nullable":
      case "optional":
      case "default":
      case "prefault":
        nullable = true;
        break;
      case "nonoptional":
      case "readonly":
        break;
      default:
        return { schema: current, nullable: nullable || acceptsNull(current), meta };
    }
    current = definition.innerType as z.ZodType;
  }
}

function acceptsNull(schema: z.ZodType): boolean {
  const definition = schema.def as { type: string; options?: readonly z.ZodType[] };
  if (definition.type === "union")
    return (definition.options ?? []).some((option) => unwrap(option).nullable);
  return definition.type === "null" || definition.type === "unknown" || definition.type === "any";
}

type Definition = z.ZodType["def"];
type ObjectDefinition = Definition & { readonly shape: Readonly<Record<string, z.ZodType>> };

export function isObject(definition: Definition): definition is ObjectDefinition {
  return definition.type === "object";
}

/** The logical type of a scalar schema, or undefined where only JSON text can hold it. */
export function scalarType(value: Unwrapped, where: string): LogicalType | undefined {
  if (value.meta.logicalType !== undefined) return logicalTypeSchema.parse(value.meta.logicalType);
  const definition = value.schema.def as {
    type: string;
    format?: string;
    values?: readonly unknown[];
    entries?: Readonly<Record<string, unknown>>;
    options?: readonly z.ZodType[];
  };
  switch (definition.type) {
    case "string":
      return definition.format === "datetime"
        ? "timestamp"
        : definition.format === "date"
          ? "date"
          : "string";
    case "template_literal":
      return "string";
    case "number":
      return (value.schema as z.ZodNumber).isInt ? "int64" : "float64";
    case "boolean":
      return "boolean";
    case "enum":
      return typesOfValues(Object.values(definition.entries ?? {}));
    case "literal":
      return typesOfValues(definition.values ?? []);
    case "union": {
      const types = (definition.options ?? [])
        .filter((option) => option.def.type !== "null")
        .map((option) => scalarType(unwrap(option), where));
      return widest(types);
    }
    case "null":
      return "string";
    case "unknown":
    case "any":
    case "record":
    case "tuple":
    case "object":
    case "array":
    case "intersection":
      return undefined;
    default:
      throw refuse(
        where,
        `z.${definition.type}() has no column; tables hold what the source sent, untransformed`,
      );
  }
}

function typesOfValues(values: readonly unknown[]): LogicalType | undefined {
  return widest(
    values
      .filter((value) => value !== null)
      .map((value) =>
        typeof value === "string"
          ? "string"
          : typeof value === "boolean"
            ? "boolean"
            : typeof value === "number"
              ? Number.isSafeInteger(value)
                ? "int64"
                : "float64"
              : undefined,
      ),
  );
}

function widest(types: readonly (LogicalType | undefined)[]): LogicalType | undefined {
  const distinct = new Set(types);
  const [first] = distinct;
  if (distinct.size <= 1) return first;
  if ([...distinct].every((type) => type === "int64" || type === "float64")) return "float64";
  if ([...distinct].every((type) => type === "string" || type === "timestamp" || type === "date"))
    return "string";
  return undefined;
}

export function refuse(where: string, problem: string): EtlError {
  return new EtlError({
    kind: "usage",
    code: "TABLE_DEFINITION",
    message: `No tables can be made of ${where}: ${problem}.`,
    hint: "Change the schema, or describe the column with .meta({ column, logicalType }).",
  });
}
