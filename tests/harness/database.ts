import { DuckDBInstance } from "@duckdb/node-api";
import { queryAll } from "./query-all.ts";

export type Row = Record<string, unknown>;

/** Rows of a query on a database file that nobody else has open; 64-bit integers come as text. */
export async function query(path: string, sql: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Row[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Names of all tables of a schema whose name does not begin with an underscore. */
export async function tablesOf(path: string, schema: string): Promise<string[]> {
  const rows = await query(
    path,
    `SELECT table_name FROM information_schema.tables WHERE table_schema = '${schema}' AND table_name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY 1`,
  );
  return rows.map(({ table_name }) => String(table_name));
}

/** Columns that say when and by whom a row was loaded, not what it is. */
const BOOKKEEPING = "COLUMNS(c -> c NOT IN ('_run_id', '_loaded_at'))";

/** A hash per raw table over what its rows say, in any order. */
export async function contentOf(
  path: string,
): Promise<Record<string, { readonly rows: string; readonly hash: string }>> {
  const tables = await tablesOf(path, "raw");
  const results = await queryAll(
    path,
    tables.map(
      (table) =>
        `SELECT count(*) AS rows, coalesce(md5(string_agg(r, chr(10) ORDER BY r)), '') AS hash
         FROM (SELECT to_json(t)::VARCHAR AS r FROM (SELECT ${BOOKKEEPING} FROM raw."${table}") t)`,
    ),
  );
  return Object.fromEntries(
    tables.map((table, index) => {
      const [row] = results[index] ?? [];
      return [table, { rows: String(row?.["rows"]), hash: String(row?.["hash"]) }];
    }),
  );
}
