import type { DuckDBConnection } from "@duckdb/node-api";
import { spectrumError } from "./load-error.ts";
import type { Part } from "./manifest.ts";
import { quote } from "./translate.ts";

/** A column that COPY fills. */
export interface TargetColumn {
  readonly name: string;
  /** As PostgreSQL formats it, for example `character varying(10)`. */
  readonly type: string;
  readonly notNull: boolean;
}

/**
 * Checks a Parquet file against the columns of a table, by position: as many, of exactly fitting types, texts within
 * their bytes, no null where none may be. Then writes it as CSV in which null is the empty field and all else is quoted,
 * so that no value reads as null or as an end of data.
 *
 * @returns Rows written.
 * @throws LoadError
 */
export async function parquetToCsv(
  duckdb: DuckDBConnection,
  part: Part,
  columns: readonly TargetColumn[],
  csv: string,
  query: number,
): Promise<number> {
  const file = `'${part.path.replaceAll("'", "''")}'`;
  const rowsOf = async (sql: string) => (await duckdb.runAndReadAll(sql)).getRowsJS();
  let found: readonly { readonly name: string; readonly type: string }[];
  try {
    found = (await rowsOf(`DESCRIBE SELECT * FROM read_parquet(${file})`)).map(([name, type]) => ({
      name: String(name),
      type: String(type),
    }));
  } catch (error) {
    throw spectrumError(`File '${webAddress(part.url)}' is not a Parquet file: ${String(error)}`, query, {
      fileName: part.url,
    });
  }
  if (found.length !== columns.length)
    throw spectrumError(
      `Unmatched number of columns between table and file. Table columns: ${columns.length}, Data columns: ${found.length}, File name: ${webAddress(part.url)}`,
      query,
      { fileName: part.url },
    );
  const pairs = columns.map((column, n) => ({ column, ...(found[n] ?? { name: "", type: "" }) }));
  for (const { column, name, type } of pairs) {
    if (fits(type, column.type)) continue;
    throw spectrumError(
      `File '${webAddress(part.url)}' has an incompatible Parquet schema for column '${part.url}.${name}'. Column type: ${column.type.toUpperCase()}, Parquet schema: ${type.toLowerCase()} ${name}`,
      query,
      placeOf(part, column),
    );
  }
  const source = `read_parquet(${file}, file_row_number = true)`;
  for (const { column, name } of pairs) {
    const bytes = bytesOf(column.type);
    const value = `f.${quote(name)}`;
    if (bytes !== undefined) {
      const [row] = await rowsOf(
        `SELECT f.file_row_number, strlen(${value}) FROM ${source} f WHERE strlen(${value}) > ${bytes} ORDER BY 1 LIMIT 1`,
      );
      if (row !== undefined)
        throw spectrumError(
          `The length of the data column ${column.name} is longer than the length defined in the table. Table: ${bytes}, Data: ${String(row[1])}, File name: ${webAddress(part.url)}`,
          query,
          { ...placeOf(part, column), line: Number(row[0]) + 1, columnLength: bytes },
        );
    }
    if (!column.notNull) continue;
    const [row] = await rowsOf(
      `SELECT f.file_row_number FROM ${source} f WHERE ${value} IS NULL ORDER BY 1 LIMIT 1`,
    );
    if (row !== undefined)
      throw spectrumError(
        `NULL value in column ${column.name}, which is NOT NULL, File name: ${webAddress(part.url)}`,
        query,
        { ...placeOf(part, column), line: Number(row[0]) + 1 },
      );
  }
  const values = pairs.map(({ name, type }) =>
    type.startsWith("TIMESTAMP")
      ? `CAST(make_timestamp(epoch_us(f.${quote(name)})) AS VARCHAR)`
      : `CAST(f.${quote(name)} AS VARCHAR)`,
  );
  await duckdb.run(
    `COPY (SELECT ${values.join(", ")} FROM read_parquet(${file}) f) TO '${csv.replaceAll("'", "''")}' ` +
      `(FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"', FORCE_QUOTE *, NULLSTR '')`,
  );
  return Number((await rowsOf(`SELECT count(*) FROM read_parquet(${file})`))[0]?.[0] ?? 0);
}

/** As the reader of columnar files names an object. */
function webAddress(url: string): string {
  return url.replace("s3://", "https://s3.us-east-1.amazonaws.com/");
}

/** Most bytes of a text type. */
export function bytesOf(type: string): number | undefined {
  const length = /^character(?: varying)?\((\d+)\)$/.exec(type)?.[1];
  return length === undefined ? undefined : Number(length);
}

const EXACT: Readonly<Record<string, string>> = {
  smallint: "SMALLINT",
  integer: "INTEGER",
  bigint: "BIGINT",
  real: "FLOAT",
  "double precision": "DOUBLE",
  boolean: "BOOLEAN",
  date: "DATE",
};

/** Types must be the same; wider or narrower integers are refused. TIMESTAMPTZ is not documented for columnar files. */
function fits(parquet: string, column: string): boolean {
  if (EXACT[column] !== undefined) return EXACT[column] === parquet;
  if (bytesOf(column) !== undefined) return parquet === "VARCHAR";
  if (column === "timestamp without time zone") return parquet.startsWith("TIMESTAMP");
  return column.startsWith("numeric(") && parquet === column.replace("numeric", "DECIMAL");
}

function placeOf(part: Part, column: TargetColumn) {
  return { fileName: part.url, column: column.name, columnType: column.type };
}
