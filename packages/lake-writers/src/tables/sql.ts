import {
  EtlError,
  isChild,
  ORDINAL,
  ordinalColumn,
  PARENT_ID,
  ROW_HASH,
  type TableSpec,
} from "@spacex-etl/contracts";
import {
  access,
  cast,
  PARQUET_TYPES,
  quoteFile,
  quoteIdentifier,
  quoteLiteral,
  typed,
} from "./expressions.ts";
import { rowHash } from "./row-hash.ts";

/** Name of the temporary table that holds one batch of records, typed but still nested. */
export const BATCH = "spacex_etl_batch";

/** The empty batch table: every field of the tables, in its own nesting. */
export function createBatch(tables: readonly TableSpec[]): string {
  const columns = [...sourceShape(tables).fields].map(
    ([key, field]) => `${quoteIdentifier(key)} ${structType(field)}`,
  );
  return `CREATE OR REPLACE TEMP TABLE ${BATCH} (${columns.join(", ")})`;
}

/**
 * Appends a raw part to the batch table. One file at a time, because DuckDB reads several at once and then cuts the
 * table, and so the row groups of the Parquet files, by whichever thread is first. It takes the compression from the
 * file's name.
 *
 * @param bytes of the file when it is not compressed: no record is larger. DuckDB's buffer has twice this size.
 */
export function appendToBatch(tables: readonly TableSpec[], file: string, bytes: number): string {
  const columns = [...sourceShape(tables).fields].map(
    ([key, field]) => `${quoteLiteral(key)}: ${quoteLiteral(structType(field))}`,
  );
  return (
    `INSERT INTO ${BATCH} SELECT * FROM read_json(${quoteFile(file)}, format = 'newline_delimited', ` +
    // The `run=…` in a part's path would else become a column, and replace a field of that name.
    `hive_partitioning = false, ` +
    `maximum_object_size = ${Math.max(bytes, 1 << 20)}, columns = {${columns.join(", ")}})`
  );
}

/** The rows of one table of the batch, with the columns of `lakeColumns`, in the records' order. */
export function selectTable(table: TableSpec, tables: readonly TableSpec[]): string {
  const key = access("", parentKeyPath(tables));
  if (!isChild(table)) {
    const columns = table.columns.map((column) => `${typed(column, "")} AS ${quoteIdentifier(column.name)}`);
    return `SELECT ${[...columns, `${rowHash(table, tables)} AS ${ROW_HASH}`].join(", ")} FROM ${BATCH}`;
  }
  // Each array level unnests beside its positions, so that the order of the array is kept and numbered.
  // What has no elements is left out first: to unnest it costs as much as if it had some.
  const outer = access("", table.arrayPath[0] ?? []);
  let from = `(SELECT ${cast(key, table.parentKey.type)} AS ${PARENT_ID}, ${levelOf(outer)} FROM ${BATCH} WHERE len(${outer}) > 0)`;
  const ordinals = [ORDINAL];
  for (let level = 2; level <= table.arrayPath.length; level++) {
    const carried = [
      PARENT_ID,
      ...ordinals.map((name, index) => (index === level - 2 ? `o AS ${name}` : name)),
    ];
    from = `(SELECT ${carried.join(", ")}, ${levelOf(access("e", table.arrayPath[level - 1] ?? []))} FROM ${from})`;
    ordinals.push(ordinalColumn(level));
  }
  const bookkeeping = [PARENT_ID, ...ordinals.slice(0, -1), `o AS ${ordinals.at(-1)}`];
  const columns = table.columns.map((column) => `${typed(column, "e")} AS ${quoteIdentifier(column.name)}`);
  return `SELECT ${[...bookkeeping, ...columns].join(", ")} FROM ${from}`;
}

/** `rows`, and `nulls`: records without a key. */
export function countBatch(tables: readonly TableSpec[]): string {
  const key = access("", parentKeyPath(tables));
  return `SELECT count(*) AS rows, count(*) FILTER (${key} IS NULL) AS nulls FROM ${BATCH}`;
}

/**
 * Snappy is what every reader of Parquet has; of zstd Redshift's pages say nothing
 * (https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html).
 */
export function copyToParquet(select: string, file: string): string {
  return `COPY (${select}) TO ${quoteLiteral(file)} (FORMAT parquet, COMPRESSION snappy)`;
}

export function countParquet(file: string): string {
  return `SELECT count(*) AS rows FROM read_parquet(${quoteFile(file)})`;
}

function levelOf(array: string): string {
  return `unnest(${array}) AS e, unnest(range(len(${array}))) AS o`;
}

function parentKeyPath(tables: readonly TableSpec[]): readonly string[] {
  const parent = tables.find((table) => !isChild(table));
  const column = parent?.columns.find(({ name }) => name === parent.parentKey.name);
  if (column === undefined) {
    throw new EtlError({
      kind: "bug",
      code: "PARENT_KEY",
      message: "The tables have no parent with its key column.",
    });
  }
  return column.path;
}

interface Shape {
  readonly fields: Map<string, Shape>;
  type?: string;
  array?: boolean;
}

/** The nesting of the source's records, as far as the tables need it. */
function sourceShape(tables: readonly TableSpec[]): Shape {
  const root: Shape = { fields: new Map() };
  for (const table of tables) {
    let base = root;
    for (const path of table.arrayPath) {
      // An array directly inside an array has no key of its own.
      base = path.length === 0 ? descend(base, "") : path.reduce(descend, base);
      base.array = true;
    }
    for (const column of table.columns) {
      const field = column.path.reduce(descend, base);
      // Instants and days are read as text and cast, so that the session's own date parsing has no say.
      field.type =
        column.json === true
          ? "JSON"
          : column.type === "timestamp" || column.type === "date"
            ? "VARCHAR"
            : PARQUET_TYPES[column.type];
    }
  }
  return root;
}

function descend(shape: Shape, key: string): Shape {
  let field = shape.fields.get(key);
  if (field === undefined) shape.fields.set(key, (field = { fields: new Map() }));
  return field;
}

function structType(shape: Shape): string {
  const inner = shape.fields.get("");
  const base =
    inner !== undefined
      ? structType(inner)
      : shape.fields.size === 0
        ? (shape.type ?? "JSON")
        : `STRUCT(${[...shape.fields].map(([key, field]) => `${quoteIdentifier(key)} ${structType(field)}`).join(", ")})`;
  return shape.array === true ? `${base}[]` : base;
}
