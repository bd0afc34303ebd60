/**
 * Writes the embedded snapshot from recorded answers of the API:
 *
 *     node --conditions=@spacex-etl/source packages/spacex-simulator/scripts/build-snapshot.ts ../shared/data/spacex
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { provenancePage } from "./snapshot/provenance.ts";
import { makeSnapshot } from "./snapshot/snapshot.ts";
import { readSource } from "./snapshot/source-records.ts";

/** Byte of the gzip header that names the operating system; "unknown" makes the file the same everywhere. */
const GZIP_OS_BYTE = 9;
const GZIP_OS_UNKNOWN = 255;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("Usage: build-snapshot.ts FOLDER (with launches.json, launches-v4.json and so on)\n");
  process.exit(2);
}
const target = new URL("../snapshot/", import.meta.url);
mkdirSync(target, { recursive: true });
const collections = makeSnapshot(readSource(folder));
let total = 0;
for (const { name, records } of collections) {
  const packed = gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(""), { level: 9 });
  packed[GZIP_OS_BYTE] = GZIP_OS_UNKNOWN;
  writeFileSync(new URL(`${name}.ndjson.gz`, target), packed);
  total += packed.length;
  process.stdout.write(
    `${name.padEnd(12)} ${String(records.length).padStart(5)} records ${packed.length} bytes\n`,
  );
}
writeFileSync(new URL("PROVENANCE.md", target), provenancePage(collections));
process.stdout.write(`${total} bytes in ${fileURLToPath(target)}\n`);
