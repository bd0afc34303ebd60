import {
  type ColumnSpec,
  EtlError,
  isChild,
  type LogicalType,
  ORDINAL,
  ordinalColumn,
  PARENT_ID,
  ROW_HASH,
  type TableSpec,
} from "@spacex-etl/contracts";

/** DuckDB types of the Parquet files. A timestamp is an instant, so that BigQuery and Redshift read it as one. */
const PARQUET_TYPES: Readonly<Record<LogicalType, string>> = {
  string: "VARCHAR",
  int64: "BIGINT",
  float64: "DOUBLE",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMPTZ",
  date: "DATE",
};

/** Name of the temporary table that holds one batch of records, typed but still nested. */
export const BATCH = "spacex_etl_batch";

/** Separators inside the text that is hashed; lengths before each value make it unambiguous whatever they hold. */
const FIELD = "chr(31)";
const ROW = "chr(30)";

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A file to read. DuckDB takes paths for patterns: `[`, `*` and `?` in a real path are made literal. */
function quoteFile(path: string): string {
  return quoteLiteral(path.replaceAll(/[[*?]/g, "[$&]"));
}

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
 */
export function appendToBatch(tables: readonly TableSpec[], file: string): string {
  const columns = [...sourceShape(tables).fields].map(
    ([key, field]) => `${quoteLiteral(key)}: ${quoteLiteral(structType(field))}`,
  );
  return (
    `INSERT INTO ${BATCH} SELECT * FROM read_json(${quoteFile(file)}, format = 'newline_delimited', ` +
    // The `run=…` in a part's path would else become a column, and replace a field of that name.
    `hive_partitioning = false, ` +
    // A part holds at least one whole record, whatever its limit; the default of 16 MiB would refuse large ones.
    `maximum_object_size = 33554432, columns = {${columns.join(", ")}})`
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
  let from = `(SELECT ${cast(key, table.parentKey.type)} AS ${PARENT_ID}, ${levelOf(access("", table.arrayPath[0] ?? []))} FROM ${BATCH})`;
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

export function copyToParquet(select: string, file: string): string {
  return `COPY (${select}) TO ${quoteLiteral(file)} (FORMAT parquet, COMPRESSION zstd)`;
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

function access(base: string, path: readonly string[]): string {
  return [...(base === "" ? [] : [base]), ...path.map(quoteIdentifier)].join(".");
}

function cast(expression: string, type: LogicalType): string {
  return type === "timestamp" || type === "date"
    ? `CAST(${expression} AS ${PARQUET_TYPES[type]})`
    : expression;
}

function typed(column: ColumnSpec, base: string): string {
  const value = access(base, column.path);
  return column.json === true ? `CAST(${value} AS VARCHAR)` : cast(value, column.type);
}

/** Text of a value that is equal wherever the value is equal. */
function canonical(column: ColumnSpec, base: string): string {
  const value = typed(column, base);
  return column.type === "timestamp" ? `epoch_us(${value})::VARCHAR` : `${value}::VARCHAR`;
}

function rowHash(table: TableSpec, tables: readonly TableSpec[]): string {
  return `left(sha256(${rowText(table, tables, "", 0)}), 32)`;
}

/**
 * `name=length:value` of every value that is not null, by name, then of every child table its rows in order. `concat_ws`
 * leaves nulls out, so a new nullable column changes no hash.
 */
function rowText(table: TableSpec, tables: readonly TableSpec[], base: string, depth: number): string {
  const values = table.columns
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((column) => {
      const text = canonical(column, base);
      return `${quoteLiteral(`${column.name}=`)} || strlen(${text}) || ':' || ${text}`;
    });
  const children = tables
    .filter(({ parent }) => parent === table.name)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((child) => {
      const array = access(base, child.arrayPath.at(-1) ?? []);
      const element = `e${depth}`;
      const rows = `list_transform(${array}, lambda ${element}: ${rowText(child, tables, element, depth + 1)})`;
      return (
        `CASE WHEN len(${array}) > 0 THEN ${quoteLiteral(`${child.name}=`)} || len(${array}) || ':' || ` +
        `array_to_string(${rows}, ${ROW}) END`
      );
    });
  return `concat_ws(${[FIELD, ...values, ...children].join(", ")})`;
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
