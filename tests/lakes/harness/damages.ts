import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { type CollectionManifest, type Head, sha256Hex, type TablesManifest } from "@spacex-etl/contracts";
import type { ObjectStore } from "@spacex-etl/lake-writers";
import { expect } from "vitest";
import { temporaryFolder } from "../../harness/workspace.ts";
import { editDocument, fitHashes } from "./forge.ts";
import { bytesOf, keysOf, onlyKey, overwrite } from "./lake.ts";

const RAW = /^raw\/simulated\/crew\/run=r1\/.*\.zst$/;
const PARQUET = /^tables\/crew\/run=r1\/.*\.parquet$/;
const CREW = "runs/r1/extract/crew.json";
/** Refers to parts of r1. */
export const REUSING = "runs/r2/extract/landpads.json";
const TABLES = "runs/r1/tables.json";

/** One thing that is wrong with a lake of two runs, of which the second refers to parts of the first. */
export interface Damage {
  readonly what: string;
  /** Of the object that `verify` must name. */
  readonly names: RegExp;
  readonly code: string;
  readonly damage: (store: ObjectStore) => Promise<unknown>;
}

export const DAMAGES: readonly Damage[] = [
  {
    what: "a flipped byte in a raw part",
    names: RAW,
    code: "PART_CHECKSUM",
    damage: (store) => flip(store, RAW),
  },
  {
    what: "a flipped byte in a table",
    names: PARQUET,
    code: "PART_CHECKSUM",
    damage: (store) => flip(store, PARQUET),
  },
  {
    what: "a collection's manifest edited by hand",
    names: /^runs\/r1\/extract\/crew\.json$/,
    code: "DOCUMENT_CHECKSUM",
    damage: (store) => replaceText(store, CREW, '"etag": "', '"etag": "x'),
  },
  {
    what: "a raw part that is missing",
    names: RAW,
    code: "OBJECT_NOT_FOUND",
    damage: async (store) => store.delete(await onlyKey(store, RAW)),
  },
  {
    what: "a table's part that is missing",
    names: PARQUET,
    code: "OBJECT_NOT_FOUND",
    damage: async (store) => store.delete(await onlyKey(store, PARQUET)),
  },
  {
    what: "a row more in a raw part",
    names: RAW,
    code: "PART_CHECKSUM",
    damage: async (store) => {
      const key = await onlyKey(store, RAW);
      await overwrite(store, key, withOneRecordMore(await bytesOf(store, key)));
    },
  },
  {
    what: "a row more in a raw part, with every hash made to fit",
    names: /^raw\/simulated\/crew\/run=r1\//,
    code: "PART_CONTENT",
    damage: forgeRawRow,
  },
  {
    what: "a row more in a table, with every hash made to fit",
    names: /^tables\/crew\/run=r1\//,
    code: "PART_CONTENT",
    damage: forgeTableRow,
  },
  {
    what: "a run's manifest edited by hand",
    names: /^heads\/\d+\.json$/,
    code: "DOCUMENT_CHECKSUM",
    damage: (store) => replaceText(store, TABLES, '"normalizerVersion": ', '"normalizerVersion": 9'),
  },
  {
    what: "a manifest cut off",
    names: /^runs\/r2\/extract\.json$/,
    code: "MANIFEST_DAMAGED",
    damage: async (store) => {
      const bytes = await bytesOf(store, "runs/r2/extract.json");
      await overwrite(store, "runs/r2/extract.json", bytes.subarray(0, bytes.length / 2));
    },
  },
  {
    what: "a head that points to a run that is not there",
    names: /^heads\/\d+\.json$/,
    code: "DOCUMENT_MISSING",
    damage: async (store) => {
      const newest = (await keysOf(store, "heads/")).at(-1) ?? "";
      await editDocument<Head>(store, newest, ({ extracts }) => {
        const entry = extracts["simulated"]?.["crew"];
        Object.assign(entry ?? {}, { runId: "r9" });
        Object.assign(entry?.manifest ?? {}, { path: "runs/r9/extract.json" });
      });
    },
  },
  {
    what: "a run that is gone under its head",
    names: /^heads\/\d+\.json$/,
    code: "DOCUMENT_MISSING",
    damage: async (store) => {
      for (const key of await keysOf(store, "runs/r2/")) await store.delete(key);
    },
  },
  {
    what: "an entry with a wrong hash",
    names: /^raw\/simulated\/landpads\/run=r1\//,
    code: "ENTRY_CONFLICT",
    damage: async (store) => {
      await editDocument<CollectionManifest>(store, REUSING, ({ parts }) =>
        Object.assign(parts[0] ?? {}, { sha256: "0".repeat(64) }),
      );
      await fitHashes(store);
    },
  },
  {
    what: "an entry with a wrong origin",
    names: /^raw\/simulated\/landpads\/run=r1\//,
    code: "ENTRY_ORIGIN",
    damage: async (store) => {
      await editDocument<CollectionManifest>(store, REUSING, ({ parts }) =>
        Object.assign(parts[0] ?? {}, { runId: "r2" }),
      );
      await fitHashes(store);
    },
  },
];

async function flip(store: ObjectStore, pattern: RegExp): Promise<void> {
  const key = await onlyKey(store, pattern);
  const bytes = await bytesOf(store, key);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await overwrite(store, key, bytes);
}

async function replaceText(store: ObjectStore, key: string, from: string, to: string): Promise<void> {
  const text = (await bytesOf(store, key)).toString();
  expect(text).toContain(from);
  await overwrite(store, key, text.replace(from, to));
}

/** The last record once more, under another key. */
function withOneRecordMore(part: Buffer): Buffer {
  const lines = zstdDecompressSync(part).toString().trimEnd().split("\n");
  const last = JSON.parse(lines.at(-1) ?? "") as object;
  return zstdCompressSync(`${[...lines, JSON.stringify({ ...last, id: "f".repeat(24) })].join("\n")}\n`);
}

async function forgeRawRow(store: ObjectStore): Promise<void> {
  const old = await onlyKey(store, RAW);
  const part = withOneRecordMore(await bytesOf(store, old));
  const content = zstdDecompressSync(part);
  const sha256 = sha256Hex(part);
  const path = old.replace(/-[0-9a-f]{16}\./, `-${sha256.slice(0, 16)}.`);
  await store.createIfAbsent(path, part);
  await editDocument<CollectionManifest>(store, CREW, (manifest) => {
    Object.assign(manifest, { contentBytes: content.length });
    Object.assign(manifest.parts[0] ?? {}, {
      path,
      sha256,
      bytes: part.length,
      contentBytes: content.length,
      contentSha256: sha256Hex(content),
    });
  });
  await fitHashes(store);
}

async function forgeTableRow(store: ObjectStore): Promise<void> {
  const old = await onlyKey(store, PARQUET);
  using folder = temporaryFolder();
  const [before, after] = [join(folder.path, "before.parquet"), join(folder.path, "after.parquet")];
  writeFileSync(before, await bytesOf(store, old));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(
    `COPY (FROM '${before}' UNION ALL (FROM '${before}' LIMIT 1)) TO '${after}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  const part = readFileSync(after);
  const sha256 = sha256Hex(part);
  const path = old.replace(/-[0-9a-f]{16}\./, `-${sha256.slice(0, 16)}.`);
  await store.createIfAbsent(path, part);
  await editDocument<TablesManifest>(store, TABLES, ({ collections }) => {
    const table = collections.flatMap(({ tables }) => tables).find(({ spec }) => spec.name === "crew");
    Object.assign(table?.parts[0] ?? {}, { path, sha256, bytes: part.length });
    Object.assign(table ?? {}, { contentSha256: sha256Hex(sha256) });
  });
  await fitHashes(store);
}
