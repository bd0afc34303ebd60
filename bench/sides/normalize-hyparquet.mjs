// The same typed tables with a Parquet writer in JavaScript: node:zlib, JSON.parse, arrays per column, hyparquet-writer.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { collections } from "@spacex-etl/spacex-client/tables";
import { parquetWriteBuffer } from "hyparquet-writer";

const [raw, collection, out, codec = "SNAPPY"] = process.argv.slice(2);
/** Parts that become one file per table, as ours. */
const PARTS = 4;
const { tables } = collections[collection];
const TYPES = {
  string: "STRING",
  int64: "INT64",
  float64: "DOUBLE",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP",
};

function converter({ type, json }) {
  if (json) return JSON.stringify;
  if (type === "int64") return BigInt;
  if (type === "timestamp") return (text) => new Date(text);
  return (value) => value;
}

function at(value, path) {
  let found = value;
  for (let n = 0; n < path.length && found != null; n++) found = found[path[n]];
  return found;
}

function openTable(table) {
  const columns = table.columns.map((column) => {
    const type = TYPES[column.type];
    if (type === undefined) throw new Error(`${column.name}: ${column.type} is not written by this program`);
    return { name: column.name, path: column.path, type, convert: converter(column), data: [] };
  });
  const isChild = table.arrayPath.length > 0;
  const ids = { name: "_parent_id", type: "STRING", data: [] };
  const ordinals = table.arrayPath.map((_, level) => ({
    name: level === 0 ? "_ordinal" : `_ordinal_${level + 1}`,
    type: "INT64",
    data: [],
  }));
  const hash = { name: "_row_hash", type: "STRING", data: [] };
  return { table, columns, isChild, ids, ordinals, hash, rows: 0, total: 0 };
}

function addRow(state, value) {
  for (const { path, convert, data } of state.columns) {
    const found = at(value, path);
    data.push(found == null ? null : convert(found));
  }
  state.rows++;
}

function addElements(state, id, value, level, positions) {
  const array = at(value, state.table.arrayPath[level]);
  if (array == null) return;
  for (let n = 0; n < array.length; n++) {
    const here = [...positions, n];
    if (level + 1 < state.table.arrayPath.length) {
      addElements(state, id, array[n], level + 1, here);
      continue;
    }
    state.ids.data.push(id);
    for (let k = 0; k < here.length; k++) state.ordinals[k].data.push(BigInt(here[k]));
    addRow(state, array[n]);
  }
}

async function flush(state, number) {
  const { table, columns, isChild, ids, ordinals, hash } = state;
  const all = isChild ? [ids, ...ordinals, ...columns] : [...columns, hash];
  if (state.rows > 0) {
    const buffer = parquetWriteBuffer({
      columnData: all.map(({ name, type, data }) => ({ name, type, data })),
      codec,
      compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
      rowGroupSize: 122_880,
    });
    await writeFile(join(out, `${table.name}-${number}.parquet`), Buffer.from(buffer));
  }
  state.total += state.rows;
  state.rows = 0;
  for (const column of all) column.data = [];
}

const states = tables.map(openTable);
const key = tables[0].parentKey.name;
const parts = (await readdir(raw)).toSorted();
await mkdir(out, { recursive: true });
for (let first = 0; first < parts.length; first += PARTS) {
  for (const part of parts.slice(first, first + PARTS)) {
    const text = zstdDecompressSync(await readFile(join(raw, part))).toString("utf8");
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const record = JSON.parse(line);
      for (const state of states) {
        if (state.isChild) addElements(state, record[key], record, 0, []);
        else {
          addRow(state, record);
          state.hash.data.push(createHash("md5").update(line).digest("hex"));
        }
      }
    }
  }
  for (const state of states) await flush(state, first / PARTS);
}
await writeFile(
  join(out, "rows.json"),
  JSON.stringify(Object.fromEntries(states.map(({ table, total }) => [table.name, total]))),
);
