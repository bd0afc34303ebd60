import type { DuckDBConnection } from "@duckdb/node-api";
import { alreadyExists, type ApiError, invalid, notFound } from "./api-error.ts";
import { type Field, type LoadConfiguration, normalizedFields, tableName, typeOf } from "./resources.ts";
import { fetchSources, type SourceFile } from "./sources.ts";
import { identifier, literal } from "./sql/tokens.ts";
import { checkFields } from "./table-changes.ts";
import { mustBe } from "./views.ts";
import { createTableSql, relationOf, type Table, type Warehouse } from "./warehouse.ts";

/** `statistics.load`, numbers as the API writes them. */
export interface LoadStatistics {
  readonly inputFiles: string;
  readonly inputFileBytes: string;
  readonly outputRows: string;
  readonly outputBytes: string;
  readonly badRecords: string;
}

export interface LoadSource {
  readonly upload: Buffer | null;
  readonly gcsEndpoint: string | undefined;
}

/** DuckDB types of Parquet columns that a column of a BigQuery type takes. */
const ACCEPTED: Readonly<Record<string, readonly string[]>> = {
  INTEGER: ["BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT"],
  FLOAT: ["DOUBLE", "FLOAT"],
  BOOLEAN: ["BOOLEAN"],
  STRING: ["VARCHAR"],
  TIMESTAMP: ["TIMESTAMP WITH TIME ZONE", "TIMESTAMP"],
  DATE: ["DATE"],
};

/** Loads all files or none. @throws ApiError, which becomes the job's `errorResult`. */
export async function runLoad(
  warehouse: Warehouse,
  configuration: LoadConfiguration,
  { upload, gcsEndpoint }: LoadSource,
  signal: AbortSignal,
): Promise<LoadStatistics> {
  const before = warehouse.findTable(configuration.destinationTable);
  if (before !== undefined) mustBe(before, "TABLE");
  const fields = fieldsOf(configuration, before);
  await using sources = await fetchSources(configuration.sourceUris ?? [], upload, gcsEndpoint);
  const connection = await warehouse.connect();
  try {
    const columns = fields.map(({ name }) => identifier(name)).join(", ");
    await connection.run(
      `CREATE TEMP TABLE loaded (${fields.map(({ name, type }) => `${identifier(name)} ${typeOf(type).duckdb}`).join(", ")})`,
    );
    for (const file of sources.files) {
      await checkFile(connection, file, fields);
      await connection.run(`INSERT INTO loaded SELECT ${columns} FROM read_parquet(${literal(file.path)})`);
    }
    const { rows, bytes } = await measure(connection, fields);
    signal.throwIfAborted();
    await write(warehouse, connection, configuration, fields, columns);
    return {
      inputFiles: String(sources.files.length),
      inputFileBytes: String(sources.files.reduce((sum, file) => sum + file.bytes, 0)),
      outputRows: rows,
      outputBytes: bytes,
      badRecords: "0",
    };
  } finally {
    connection.closeSync();
  }
}

function fieldsOf(configuration: LoadConfiguration, table: Table | undefined): readonly Field[] {
  const name = tableName(configuration.destinationTable);
  if (table === undefined && configuration.createDisposition === "CREATE_NEVER")
    throw notFound(`Table ${name}`);
  const sent = configuration.schema === undefined ? undefined : normalizedFields(configuration.schema.fields);
  const fields =
    configuration.writeDisposition === "WRITE_TRUNCATE" ? (sent ?? table?.fields) : (table?.fields ?? sent);
  if (fields === undefined)
    throw invalid(`No schema specified on job or table ${name}; this double infers none.`);
  if (fields === sent || sent === undefined) return fields;
  const known = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
  for (const field of sent) {
    const old = known.get(field.name.toLowerCase());
    const problem =
      old === undefined
        ? `Cannot add fields (field: ${field.name})`
        : old.type !== field.type
          ? `Field ${field.name} has changed type from ${old.type} to ${field.type}`
          : old.mode !== field.mode
            ? `Field ${field.name} has changed mode from ${old.mode} to ${field.mode}`
            : null;
    if (problem !== null) throw invalid(`Provided Schema does not match Table ${name}. ${problem}`);
  }
  return fields;
}

async function checkFile(
  connection: DuckDBConnection,
  file: SourceFile,
  fields: readonly Field[],
): Promise<void> {
  const source = `read_parquet(${literal(file.path)})`;
  const wrong = (what: string): ApiError =>
    invalid(`Error while reading data, error message: ${what} File: ${file.uri}`, file.uri);
  let found: Map<string, string>;
  try {
    const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
    found = new Map(reader.getRows().map(([name, type]) => [String(name).toLowerCase(), String(type)]));
  } catch {
    throw wrong("Input file is not in Parquet format.");
  }
  for (const { name, type } of fields) {
    const actual = found.get(name.toLowerCase());
    if (actual === undefined) throw wrong(`Column '${name}' of the schema is missing in the file.`);
    if (ACCEPTED[type]?.includes(actual) !== true) {
      throw wrong(
        `Parquet column '${name}' has type ${actual} which does not match the target cpp_type ${typeOf(type).sql}.`,
      );
    }
    found.delete(name.toLowerCase());
  }
  const [more] = found.keys();
  if (more !== undefined) throw wrong(`No such field: ${more}.`);
  const required = fields.filter(({ mode }) => mode === "REQUIRED");
  if (required.length === 0) return;
  const nulls = required.map(({ name }) => `count(*) - count(${identifier(name)})`).join(", ");
  const [counts] = (await connection.runAndReadAll(`SELECT ${nulls} FROM ${source}`)).getRows();
  const broken = required.find((_, index) => counts![index] !== 0n);
  if (broken !== undefined)
    throw wrong(`Only optional fields can be set to NULL. Field: ${broken.name}; Value: NULL`);
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#data_type_sizes */
async function measure(
  connection: DuckDBConnection,
  fields: readonly Field[],
): Promise<{ readonly rows: string; readonly bytes: string }> {
  const sizes = fields.map(({ name, type }) => {
    const column = identifier(name);
    const size = type === "STRING" ? `2 + strlen(${column})` : type === "BOOLEAN" ? "1" : "8";
    return `CASE WHEN ${column} IS NULL THEN 0 ELSE ${size} END`;
  });
  const sql = `SELECT count(*), coalesce(sum(${sizes.join(" + ")}), 0) FROM loaded`;
  const [row] = (await connection.runAndReadAll(sql)).getRows();
  return { rows: String(row![0]), bytes: String(row![1]) };
}

async function write(
  warehouse: Warehouse,
  connection: DuckDBConnection,
  configuration: LoadConfiguration,
  fields: readonly Field[],
  columns: string,
): Promise<void> {
  const { destinationTable: reference, writeDisposition } = configuration;
  const relation = relationOf(reference);
  const table = warehouse.findTable(reference);
  if (table !== undefined && writeDisposition === "WRITE_EMPTY") {
    const [row] = (await connection.runAndReadAll(`SELECT count(*) FROM ${relation}`)).getRows();
    if (row![0] !== 0n) throw alreadyExists(`Table ${tableName(reference)}`);
  }
  const { clustering, timePartitioning } = configuration;
  const metadata = {
    ...(clustering === undefined ? {} : { clustering }),
    ...(timePartitioning === undefined ? {} : { timePartitioning }),
    ...table?.metadata,
  };
  checkFields(fields, metadata);
  await connection.run("BEGIN");
  if (table === undefined || writeDisposition === "WRITE_TRUNCATE") {
    await connection.run(createTableSql(reference, fields));
  }
  await connection.run(`INSERT INTO ${relation} (${columns}) SELECT ${columns} FROM loaded`);
  await connection.run("COMMIT");
  const { expirationTime = null, creationTime = warehouse.now() } = table ?? {};
  warehouse.putTable({ reference, fields, metadata, expirationTime, creationTime });
}
