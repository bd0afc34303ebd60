// B0, the plain job that one writes in an hour: page by page with ky, every record stringified, one gzip stream.
//
//   node extract-baseline.mjs <address> <collection> <file>
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import ky from "ky";

const [url, collection, file] = process.argv.slice(2);
const route = `${url}/${collection === "launches" ? "v5" : "v4"}/${collection}/query`;
const gzip = createGzip({ level: 6 });
const written = finished(gzip.pipe(createWriteStream(file)));

for (let page = 1, more = true; more; page++) {
  const answer = await ky.post(route, { json: { query: {}, options: { page, limit: 1000 } } }).json();
  const lines = answer.docs.map((record) => `${JSON.stringify(record)}\n`).join("");
  if (!gzip.write(lines)) await once(gzip, "drain");
  more = answer.hasNextPage;
}
gzip.end();
await written;
