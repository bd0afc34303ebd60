import type { CollectionManifest, ExtractManifest, Head, TablesManifest } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import {
  allKeys,
  editDocument,
  openDuckDB,
  overwrite,
  temporaryLake,
  withoutLocalPath,
} from "../../test/lake.ts";
import { lakeOfTwoRuns } from "../../test/two-runs.ts";
import { type ObjectStore, verify } from "../index.ts";

const ORDERS = "runs/r1/extract/orders.json";

async function first(store: ObjectStore, prefix: string): Promise<string> {
  const [key] = await allKeys(store, prefix);
  if (key === undefined) throw new Error(`nothing under ${prefix}`);
  return key;
}

test("a whole lake has no findings, and every object that is referred to was looked at", async () => {
  const store = await lakeOfTwoRuns();
  const connection = await openDuckDB();
  const data = [...(await allKeys(store, "raw/")), ...(await allKeys(store, "tables/"))];
  const result = await verify({ store, connection });
  expect(result).toMatchObject({ runs: 2, heads: 4, objects: data.length, findings: [] });
  expect(await verify({ store: withoutLocalPath(store), connection })).toEqual(result);
  expect(await verify({ store, runId: "r2", connection })).toMatchObject({ runs: 1, heads: 0, findings: [] });
  expect(await verify({ store: await temporaryLake() })).toMatchObject({ runs: 0, heads: 0, findings: [] });
});

test("an unknown run is a usage error", async () => {
  await expect(verify({ store: await lakeOfTwoRuns(), runId: "r3" })).rejects.toMatchObject({
    code: "RUN_UNKNOWN",
    exitCode: 2,
  });
});

const damages: readonly [string, string, string, (store: ObjectStore) => Promise<void>][] = [
  [
    "a flipped byte in a raw part",
    "raw/shop/orders/run=r1/00000-",
    "PART_CHECKSUM",
    async (store) =>
      overwrite(store, await first(store, "raw/shop/orders/run=r1/00000-"), (bytes) => {
        bytes[30] = (bytes[30] ?? 0) ^ 1;
        return bytes;
      }),
  ],
  [
    "a byte after the end of a raw part",
    "raw/shop/orders/run=r1/00000-",
    "PART_CHECKSUM",
    async (store) =>
      overwrite(store, await first(store, "raw/shop/orders/run=r1/00000-"), (bytes) =>
        Buffer.concat([bytes, Buffer.from("x")]),
      ),
  ],
  [
    "a flipped byte in a Parquet file",
    "tables/orders/run=r2/",
    "PART_CHECKSUM",
    async (store) =>
      overwrite(store, await first(store, "tables/orders/run=r2/"), (bytes) => {
        bytes[40] = (bytes[40] ?? 0) ^ 1;
        return bytes;
      }),
  ],
  [
    "a flipped byte in a quarantine file",
    "raw/shop/orders/run=r1/quarantine-",
    "PART_CHECKSUM",
    async (store) =>
      overwrite(store, await first(store, "raw/shop/orders/run=r1/quarantine-"), (bytes) =>
        bytes.fill("x", 3, 4),
      ),
  ],
  [
    "a raw part that is gone",
    "raw/shop/customers/run=r1/",
    "OBJECT_NOT_FOUND",
    async (store) => store.delete(await first(store, "raw/shop/customers/run=r1/")),
  ],
  [
    "a Parquet file that is gone",
    "tables/orders__lines/run=r1/",
    "OBJECT_NOT_FOUND",
    async (store) => store.delete(await first(store, "tables/orders__lines/run=r1/")),
  ],
  [
    "an edited collection manifest",
    ORDERS,
    "DOCUMENT_CHECKSUM",
    (store) =>
      editDocument<CollectionManifest>(store, ORDERS, (manifest) =>
        Object.assign(manifest.sourceState, { etag: "x" }),
      ),
  ],
  ["a collection manifest that is gone", ORDERS, "DOCUMENT_MISSING", (store) => store.delete(ORDERS)],
  [
    "a collection manifest of another version",
    ORDERS,
    "MANIFEST_NEWER",
    (store) =>
      editDocument<CollectionManifest>(store, ORDERS, (manifest) => Object.assign(manifest, { version: 9 })),
  ],
  [
    "a request that is gone",
    "runs/r1/request.json",
    "DOCUMENT_MISSING",
    (store) => store.delete("runs/r1/request.json"),
  ],
  [
    "an edited run manifest",
    "heads/0000000004.json",
    "DOCUMENT_CHECKSUM",
    (store) =>
      editDocument<ExtractManifest>(store, "runs/r2/extract.json", (manifest) =>
        Object.assign(manifest, { extractedAt: "2020-01-01T00:00:00.000Z" }),
      ),
  ],
  [
    "tables of another extraction",
    "runs/r2/tables.json",
    "DOCUMENT_CHECKSUM",
    (store) =>
      editDocument<TablesManifest>(store, "runs/r2/tables.json", (manifest) =>
        Object.assign(manifest.extract, { sha256: "0".repeat(64) }),
      ),
  ],
  [
    "tables with other totals",
    "runs/r2/tables.json",
    "MANIFEST_TOTALS",
    (store) =>
      editDocument<TablesManifest>(store, "runs/r2/tables.json", (manifest) =>
        Object.assign(manifest.collections[1]?.tables[0] ?? {}, { rows: 61 }),
      ),
  ],
  [
    "tables of other records",
    "runs/r2/tables.json",
    "MANIFEST_TOTALS",
    (store) =>
      editDocument<TablesManifest>(store, "runs/r2/tables.json", (manifest) =>
        Object.assign(manifest.collections[1] ?? {}, { inputSha256: "0".repeat(64) }),
      ),
  ],
  [
    "an extract manifest that is gone under its tables",
    "runs/r1/extract.json",
    "DOCUMENT_MISSING",
    (store) => store.delete("runs/r1/extract.json"),
  ],
  [
    "a head that points to a run that is not there",
    "heads/0000000004.json",
    "DOCUMENT_MISSING",
    (store) =>
      editDocument<Head>(store, "heads/0000000004.json", (head) =>
        Object.assign(head.extracts["shop"]?.["orders"] ?? {}, {
          runId: "r9",
          manifest: { path: "runs/r9/extract.json", sha256: "0".repeat(64) },
        }),
      ),
  ],
  [
    "a head whose entry belongs to another run",
    "heads/0000000004.json",
    "ENTRY_ORIGIN",
    (store) =>
      editDocument<Head>(store, "heads/0000000004.json", (head) =>
        Object.assign(head.tables["shop"]?.["orders"] ?? {}, { runId: "r1" }),
      ),
  ],
  [
    "an old head that was edited",
    "heads/0000000002.json",
    "HEAD_CHAIN",
    (store) =>
      editDocument<Head>(store, "heads/0000000001.json", (head) =>
        Object.assign(head, { publishedAt: "2020-01-01T00:00:00.000Z" }),
      ),
  ],
];

test.each(damages)("%s is found", async (_, path, code, damage) => {
  const store = await lakeOfTwoRuns();
  await damage(store);
  const { findings } = await verify({ store });
  expect(findings).toContainEqual({ path: expect.stringContaining(path), code, problem: expect.any(String) });
  // The same in a bucket, in the same order.
  expect((await verify({ store: withoutLocalPath(store) })).findings).toEqual(findings);
});
