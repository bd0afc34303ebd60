import type { DuckDBConnectionLike } from "@spacex-etl/contracts";
import { collectionNames } from "@spacex-etl/spacex-client/tables";

/**
 * Collections that were never loaded into the attached warehouse: without their tables the models of our project that
 * read them cannot be built.
 */
export async function missingCollections(connection: DuckDBConnectionLike): Promise<string[]> {
  const result = await connection.runAndReadAll(
    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'warehouse' AND schema_name = 'raw'",
  );
  const there = new Set(result.getRowObjectsJson().map((row) => String(row["table_name"])));
  return collectionNames.filter((name) => !there.has(name));
}
