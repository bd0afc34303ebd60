// Stands in for `curl` of the whole array and DuckDB's command line: one download to a file, then one read_json.
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DuckDBInstance } from "@duckdb/node-api";

const [api, collection = "launches"] = process.argv.slice(2);
const file = `${collection}.json`;
const response = await fetch(`${api}/v5/${collection}`);
if (!response.ok || response.body === null) throw new Error(`The API answered ${response.status}`);
await pipeline(Readable.fromWeb(response.body), createWriteStream(file));

const database = await DuckDBInstance.create("array.duckdb");
const connection = await database.connect();
await connection.run(`CREATE OR REPLACE TABLE ${collection} AS SELECT * FROM read_json('${file}')`);
connection.closeSync();
database.closeSync();
