import { type CollectionManifest, sha256Hex } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { allKeys, editDocument, temporaryLake, textOf } from "../../test/lake.ts";
import { extractShop } from "../../test/run.ts";
import { order } from "../../test/shop.ts";
import { testSource } from "../../test/source.ts";
import { lakeOfTwoRuns } from "../../test/two-runs.ts";
import { type ObjectStore, verify } from "../index.ts";
import { compress } from "../raw/compression.ts";

const ORDERS = "runs/r1/extract/orders.json";

/** Edits a collection's manifest and, as a forger would, every hash of the chain above it. */
async function forge(store: ObjectStore, change: (manifest: CollectionManifest) => void): Promise<void> {
  await editDocument<CollectionManifest>(store, ORDERS, change);
  // Without the commit above it, the run is one that was never finished.
  for (const key of ["runs/r1/extract.json", "runs/r1/tables.json", ...(await allKeys(store, "heads/"))])
    await store.delete(key);
}

type Parts = {
  -readonly [K in keyof CollectionManifest["parts"][number]]: CollectionManifest["parts"][number][K];
}[];
const partsOf = (manifest: CollectionManifest) => manifest.parts as Parts;

const forgeries: readonly [string, string, (manifest: CollectionManifest) => void][] = [
  ["rows of a part", "PART_CONTENT", (manifest) => void (partsOf(manifest)[0] as Parts[number]).rows++],
  [
    "the first key of a part",
    "PART_CONTENT",
    (manifest) => Object.assign(manifest.parts[0] ?? {}, { firstKey: "x" }),
  ],
  [
    "the last key of a part",
    "PART_CONTENT",
    (manifest) => Object.assign(manifest.parts[1] ?? {}, { lastKey: "x" }),
  ],
  [
    "the content's hash of a part",
    "PART_CONTENT",
    (manifest) => Object.assign(manifest.parts[0] ?? {}, { contentSha256: "0".repeat(64) }),
  ],
  [
    "the hash of a part",
    "ENTRY_ORIGIN",
    (manifest) => Object.assign(manifest.parts[0] ?? {}, { sha256: "0".repeat(64) }),
  ],
  ["the size of a part", "PART_CHECKSUM", (manifest) => void (partsOf(manifest)[0] as Parts[number]).bytes++],
  [
    "the run of a part",
    "ENTRY_ORIGIN",
    (manifest) => Object.assign(manifest.parts[0] ?? {}, { runId: "r2" }),
  ],
  ["the number of records", "MANIFEST_TOTALS", (manifest) => Object.assign(manifest, { records: 61 })],
  ["the number of bytes", "MANIFEST_TOTALS", (manifest) => Object.assign(manifest, { contentBytes: 1 })],
  ["the number of invalid records", "MANIFEST_TOTALS", (manifest) => Object.assign(manifest, { invalid: 0 })],
  ["a missing part", "MANIFEST_TOTALS", (manifest) => void partsOf(manifest).pop()],
  [
    "the rows of the quarantine",
    "PART_CONTENT",
    (manifest) => {
      Object.assign(manifest.quarantine ?? {}, { rows: 2 });
      Object.assign(manifest, { invalid: 2 });
    },
  ],
  ["the run of the manifest", "ENTRY_ORIGIN", (manifest) => Object.assign(manifest, { runId: "r2" })],
];

test.each(forgeries)(
  "%s changed in a manifest that nothing vouches for is found",
  async (_, code, change) => {
    const store = await lakeOfTwoRuns();
    await forge(store, change);
    const { findings } = await verify({ store, runId: "r1" });
    expect(findings.map((finding) => finding.code)).toContain(code);
  },
);

test("an entry that refers to another run's part is compared with the part as well", async () => {
  const store = await lakeOfTwoRuns();
  const key = "runs/r2/extract/orders.json";
  await editDocument<CollectionManifest>(store, key, (manifest) => {
    expect(manifest.parts[0]?.runId).toBe("r1");
    Object.assign(manifest.parts[0] ?? {}, { lastKey: "x" });
  });
  const { findings } = await verify({ store });
  expect(findings.map(({ code }) => code).toSorted()).toEqual(["DOCUMENT_CHECKSUM", "PART_CONTENT"]);
});

test("a row more, with every hash made to fit, is found by counting", async () => {
  const store = await temporaryLake();
  await extractShop(store, "r1", { orders: testSource([order(1), order(2)]) });
  const [old = "none"] = await allKeys(store, "raw/");
  const content = Buffer.from(`${await textOf(store, { path: old })}${JSON.stringify(order(3))}\n`);
  const body = await compress(content, "zstd");
  const sha256 = sha256Hex(body);
  const path = old.replace(/-[0-9a-f]{16}\./, `-${sha256.slice(0, 16)}.`);
  await store.createIfAbsent(path, body);
  await forge(store, (manifest) => {
    const more = {
      path,
      sha256,
      bytes: body.byteLength,
      contentBytes: content.length,
      contentSha256: sha256Hex(content),
    };
    Object.assign(manifest.parts[0] ?? {}, more);
    Object.assign(manifest, { contentBytes: content.length });
  });
  const { findings } = await verify({ store });
  expect(findings).toEqual([
    { path, code: "PART_CONTENT", problem: "rows is 3, its manifest says 2" },
    { path, code: "PART_CONTENT", problem: "lastKey is order-000003, its manifest says order-000002" },
  ]);
});
