import { z } from "zod";

/** Types that every destination has. `timestamp` is an instant in UTC to the microsecond; `date` a calendar day. */
export const logicalTypeSchema = z.enum(["string", "int64", "float64", "boolean", "timestamp", "date"]);
/** Type of a column, before a destination gives it a name of its own. */
export type LogicalType = z.infer<typeof logicalTypeSchema>;

/** A column that holds a value of the record; bookkeeping columns are not among them. */
export const columnSpecSchema = z.object({
  /** Column name, `snake_case`. */
  name: z.string(),
  /** Keys from the record (or, in a child table, from the array's element) to the value; empty for a scalar element. */
  path: z.array(z.string()),
  type: logicalTypeSchema,
  nullable: z.boolean(),
  /** The value has no fixed shape and is kept as its JSON text. */
  json: z.literal(true).optional(),
  description: z.string().optional(),
});
/** One column of a table: its name, its type and the path to its value. */
export type ColumnSpec = Readonly<z.infer<typeof columnSpecSchema>>;

/** A table as data, so that a manifest carries the shape of what it lists. */
export const tableSpecSchema = z.object({
  /** `launches`, or for a child `launches__cores`. */
  name: z.string(),
  /** The collection whose records fill it. */
  collection: z.string(),
  /** Name of the table one level up; absent for the parent itself. */
  parent: z.string().optional(),
  /** For each array level from the record down, the keys that lead to the array. Empty for the parent. */
  arrayPath: z.array(z.array(z.string())),
  /** Parent: the record's key. Child: `_parent_id`, `_ordinal` and, one per deeper level, `_ordinal_2` … */
  key: z.array(z.string()),
  /** Name and type of the parent's key column; a child's `_parent_id` has the same type. */
  parentKey: z.object({ name: z.string(), type: logicalTypeSchema }),
  /** The values of the record or element, without bookkeeping columns. */
  columns: z.array(columnSpecSchema),
  /** Raised by hand when the meaning of a column changes; an older program refuses tables of a newer one. */
  schemaVersion: z.int().positive(),
  description: z.string().optional(),
});
/** A table that records become: of the records themselves (a parent), or of one of their arrays (a child). */
export type TableSpec = Readonly<z.infer<typeof tableSpecSchema>>;

/** A column as it stands in the lake's Parquet files and in a warehouse. */
export interface TableColumn {
  readonly name: string;
  readonly type: LogicalType;
  readonly nullable: boolean;
  readonly description?: string | undefined;
}

/** Hash over a record's typed values and its child rows; the only thing that decides whether a row changed. */
export const ROW_HASH = "_row_hash";
/** Column of a child table: the key of the record that the row's array is in. */
export const PARENT_ID = "_parent_id";
/** Column of a child table: the row's position in the array, from 0. */
export const ORDINAL = "_ordinal";

/** Whether the table holds the elements of an array. */
export function isChild(table: TableSpec): boolean {
  return table.arrayPath.length > 0;
}

/** Name of the ordinal column of an array level, counted from 1: `_ordinal`, `_ordinal_2`, … */
export function ordinalColumn(level: number): string {
  return level === 1 ? ORDINAL : `${ORDINAL}_${level}`;
}

/**
 * The columns of a table in the lake, in order. Parent: the record's columns, then `_row_hash`. Child: `_parent_id`,
 * the ordinals (0-based position in the array), then the element's columns.
 */
export function lakeColumns(table: TableSpec): TableColumn[] {
  if (!isChild(table)) {
    return [
      ...table.columns,
      {
        name: ROW_HASH,
        type: "string",
        nullable: false,
        description: "Hash of the row's values and of its child rows; changes exactly when one of them does.",
      },
    ];
  }
  return [
    {
      name: PARENT_ID,
      type: table.parentKey.type,
      nullable: false,
      description: `The ${table.parentKey.name} of the row in ${table.collection}.`,
    },
    ...table.arrayPath.map((_, index): TableColumn => ({
      name: ordinalColumn(index + 1),
      type: "int64",
      nullable: false,
      description:
        index + 1 === table.arrayPath.length
          ? "Position in the array, from 0."
          : "Position in the outer array, from 0.",
    })),
    ...table.columns,
  ];
}

/** One collection of a source: its schema, the key of a record and the tables its records become. */
export interface CollectionSpec<Record = unknown> {
  readonly name: string;
  readonly schema: z.ZodType<Record>;
  /** Top-level field that identifies a record. */
  readonly key: string;
  /** The parent first, then its children. */
  readonly tables: readonly TableSpec[];
  /** sha256 over schema and tables; another fingerprint means that stored tables must be made anew. */
  readonly fingerprint: string;
}
