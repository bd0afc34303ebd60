import { DuckDBInstance } from "@duckdb/node-api";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { duckdbLoader } from "../../src/duckdb/index.ts";
import { identifier, literal, rawTable } from "../../src/duckdb/sql/index.ts";
import type { LoaderTarget, RawRow } from "../../src/testing/loader-target.ts";

const ALIAS = "warehouse";

/** A database file on an in-memory instance: the loader has one connection, the reader another. */
export async function openDuckDBTarget(): Promise<LoaderTarget & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "duckdb-target-"));
  const path = join(folder, "warehouse.duckdb");
  const instance = await DuckDBInstance.create(":memory:");
  const [connection, reader] = [await instance.connect(), await instance.connect()];
  const query = async (sql: string): Promise<RawRow[]> =>
    (await reader.runAndReadAll(sql)).getRowObjectsJson();

  const withFile = async <T>(run: (alias: string) => Promise<T>, otherwise: T): Promise<T> => {
    const [attached] = await query(`SELECT 1 FROM duckdb_databases() WHERE database_name = '${ALIAS}'`);
    if (attached !== undefined) return run(ALIAS);
    if (!existsSync(path)) return otherwise;
    await reader.run(`ATTACH ${literal(path)} AS beside`);
    try {
      return await run("beside");
    } finally {
      await reader.run("DETACH beside");
    }
  };

  const read = (table: string) =>
    withFile(async (database) => {
      const columns = await query(
        `SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = '${database}' AND schema_name = 'raw' AND table_name = ${literal(table)}`,
      );
      if (columns.length === 0) return [];
      const values = columns.map((column) => {
        const name = identifier(String(column["column_name"]));
        return column["data_type"] === "TIMESTAMP"
          ? `strftime(${name}, '%Y-%m-%dT%H:%M:%S.%fZ') AS ${name}`
          : name;
      });
      return query(`SELECT ${values.join(", ")} FROM ${rawTable({ database, schema: "raw" }, table)}`);
    }, []);
  let turn: Promise<unknown> = Promise.resolve();

  return {
    path,
    loader: (options) => duckdbLoader({ path, connection, now: options?.now }),
    // One connection: reads wait for each other.
    read: (table) => {
      const result = turn.then(() => read(table));
      turn = result.catch(() => undefined);
      return result;
    },
    execute: (sql) =>
      withFile(async (database) => {
        await reader.run(`USE ${database}.raw`);
        try {
          await reader.run(sql);
        } finally {
          await reader.run("USE memory.main");
        }
      }, undefined),
    name: (table) => `raw.${identifier(table)}`,
    types: { int64: "BIGINT", string: "VARCHAR" },
    process: { script: fileURLToPath(new URL("load-process.ts", import.meta.url)), argument: path },
    [Symbol.asyncDispose]: async () => {
      reader.closeSync();
      connection.closeSync();
      instance.closeSync();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
