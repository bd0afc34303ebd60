// All collections, as a competent person writes it by hand: fetch → NDJSON gzip → one DuckDB table each. No check, no
// history, no child tables, no retry.   node startup-naive.mjs <api> <folder>
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";

const routes = [
  "v4/capsules",
  "v4/company",
  "v4/cores",
  "v4/crew",
  "v4/dragons",
  "v4/history",
  "v4/landpads",
  "v5/launches",
  "v4/launchpads",
  "v4/payloads",
  "v4/roadster",
  "v4/rockets",
  "v4/ships",
  "v4/starlink",
];

const [api, folder] = process.argv.slice(2);
const compress = promisify(gzip);
await mkdir(folder, { recursive: true });
const instance = await DuckDBInstance.create(join(folder, "warehouse.duckdb"));
const connection = await instance.connect();
for (const route of routes) {
  const response = await fetch(`${api}/${route}`);
  if (!response.ok) throw new Error(`${route}: ${response.status}`);
  const body = await response.json();
  const records = Array.isArray(body) ? body : [body];
  const name = route.slice(3);
  const file = join(folder, `${name}.ndjson.gz`);
  await writeFile(file, await compress(records.map((record) => `${JSON.stringify(record)}\n`).join("")));
  await connection.run(
    `CREATE TABLE ${name} AS SELECT * FROM read_json('${file}', format = 'newline_delimited')`,
  );
}
connection.closeSync();
instance.closeSync();
