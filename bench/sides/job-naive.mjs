// The job as a competent person writes it in one sitting: pages of 1000, NDJSON with gzip, and DuckDB guesses the types.
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";

const [api, collection = "launches"] = process.argv.slice(2);
const file = `${collection}.ndjson.gz`;

async function fetchPage(page) {
  const response = await fetch(`${api}/v5/${collection}/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: {}, options: { limit: 1000, page, sort: { _id: 1 } } }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

const gzip = createGzip();
const written = pipeline(gzip, createWriteStream(file));
let records = 0;
for (let page = 1, more = true; more; page++) {
  const { docs, hasNextPage } = await fetchPage(page);
  records += docs.length;
  const text = docs.map((doc) => `${JSON.stringify(doc)}\n`).join("");
  if (!gzip.write(text)) await once(gzip, "drain");
  more = hasNextPage;
}
gzip.end();
await written;

const database = await DuckDBInstance.create("naive.duckdb");
const connection = await database.connect();
await connection.run(
  `CREATE OR REPLACE TABLE ${collection} AS SELECT * FROM read_json('${file}', format = 'newline_delimited')`,
);
const [row] = (await connection.runAndReadAll(`SELECT count(*) AS n FROM ${collection}`)).getRowObjectsJson();
if (Number(row.n) !== records) throw new Error(`${records} records fetched, ${row.n} loaded`);
connection.closeSync();
database.closeSync();
console.log(`${records} records`);
