// B1, what is found in many projects: as B0, but each record is checked by a zod schema as it is, hashed, and written to
// the gzip stream on its own.
//
//   node extract-naive.mjs <address> <collection> <file>
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { collections } from "@spacex-etl/spacex-client/tables";
import ky from "ky";

const [url, collection, file] = process.argv.slice(2);
const route = `${url}/${collection === "launches" ? "v5" : "v4"}/${collection}/query`;
const { schema } = collections[collection];
const gzip = createGzip({ level: 6 });
const written = finished(gzip.pipe(createWriteStream(file)));
const hashes = new Set();

for (let page = 1, more = true; more; page++) {
  const answer = await ky.post(route, { json: { query: {}, options: { page, limit: 1000 } } }).json();
  for (const record of answer.docs) {
    const text = JSON.stringify(schema.parse(record));
    hashes.add(createHash("sha256").update(text).digest("hex"));
    if (!gzip.write(`${text}\n`)) await once(gzip, "drain");
  }
  more = answer.hasNextPage;
}
gzip.end();
await written;
