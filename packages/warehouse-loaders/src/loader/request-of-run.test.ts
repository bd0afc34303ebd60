import { defineTables, tablesManifestSchema } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { z } from "zod";
import { validateRequest } from "./load-request.ts";
import { requestOfRun } from "./request-of-run.ts";

const spec = defineTables({
  collection: "orders",
  schema: z.object({ id: z.string(), lines: z.array(z.object({ sku: z.string() })) }),
});
const extractedAt = "2026-11-22T04:35:01.000Z";
const part = {
  path: "tables/orders/run=r1/0.parquet",
  rows: 2,
  bytes: 9,
  sha256: "a".repeat(64),
  runId: "r1",
};
const document = tablesManifestSchema.parse({
  version: 1,
  kind: "tables",
  runId: "r1",
  source: "shop",
  extract: { path: "runs/r1/extract.json", sha256: "b".repeat(64) },
  extractedAt,
  normalizerVersion: 1,
  collections: [
    {
      name: "orders",
      extractedAt,
      schemaFingerprint: spec.fingerprint,
      inputSha256: "c".repeat(64),
      quarantinedKeys: ["bad"],
      reused: false,
      tables: spec.tables.map((table, index) => ({
        spec: table,
        rows: index === 0 ? 2 : 0,
        parts: index === 0 ? [part] : [],
        contentSha256: "d".repeat(64),
      })),
    },
  ],
});
const tables = { document, ref: { path: "runs/r1/tables.json", sha256: "e".repeat(64) } };

test("a run's manifest becomes a request over the files of a folder", () => {
  const lake = { url: "file:///lake", localPath: (key: string) => `/lake/${key}` };
  const request = requestOfRun(tables, lake, { allowDeletes: true });
  validateRequest(request);
  expect(request).toMatchObject({
    runId: "r1",
    source: "shop",
    manifestSha256: "e".repeat(64),
    extractedAt,
    allowDeletes: true,
    collections: [
      { name: "orders", quarantinedKeys: ["bad"], tables: [{ rows: 2 }, { rows: 0, parts: [] }] },
    ],
  });
  expect(request.collections[0]?.tables[0]?.parts).toEqual([{ ...part, uri: `/lake/${part.path}` }]);
});

test("of a bucket they are addresses", () => {
  const request = requestOfRun(tables, { url: "s3://bucket/lake" });
  expect(request.collections[0]?.tables[0]?.parts[0]?.uri).toBe(`s3://bucket/lake/${part.path}`);
});
