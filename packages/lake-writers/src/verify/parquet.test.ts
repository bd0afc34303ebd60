import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DuckDBConnectionLike, sha256Hex, type TablesManifest } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { allKeys, editDocument, openDuckDB, temporaryFolder, withoutLocalPath } from "../../test/lake.ts";
import { lakeOfTwoRuns } from "../../test/two-runs.ts";
import { type ObjectStore, verify } from "../index.ts";

/** Puts a Parquet file with one row more in the place of r1's orders and, as a forger would, lets every hash fit. */
async function forgeRow(store: ObjectStore, connection: DuckDBConnectionLike): Promise<string> {
  const tablesKey = "runs/r1/tables.json";
  const [old = ""] = await allKeys(store, "tables/orders/run=r1/");
  const file = join(await temporaryFolder(), "forged.parquet");
  await connection.run(
    `COPY (FROM read_parquet('${store.localPath?.(old)}') UNION ALL FROM (FROM read_parquet('${store.localPath?.(old)}') LIMIT 1)) TO '${file}' (FORMAT parquet)`,
  );
  const body = await readFile(file);
  const sha256 = sha256Hex(body);
  const path = old.replace(/-[0-9a-f]{16}\./, `-${sha256.slice(0, 16)}.`);
  await store.createIfAbsent(path, body);
  await store.delete(old);
  await editDocument<TablesManifest>(store, tablesKey, (manifest) => {
    const entry = manifest.collections
      .flatMap(({ tables }) => tables)
      .find(({ spec }) => spec.name === "orders");
    Object.assign(entry?.parts[0] ?? {}, { path, sha256, bytes: body.length });
    Object.assign(entry ?? {}, { contentSha256: sha256Hex(sha256) });
  });
  for (const key of await allKeys(store, "heads/")) await store.delete(key);
  return path;
}

test("a row more in a Parquet file is found by counting, on this machine and in a bucket", async () => {
  const store = await lakeOfTwoRuns();
  const connection = await openDuckDB();
  const path = await forgeRow(store, connection);
  const workFolder = await temporaryFolder();
  for (const seen of [store, withoutLocalPath(store)]) {
    const { findings } = await verify({ store: seen, runId: "r1", connection, workFolder });
    expect(findings).toEqual([{ path, code: "PART_CONTENT", problem: "rows is 61, its manifest says 60" }]);
  }
  expect(await readdir(workFolder)).toEqual([]);
});

test.each([
  ["another run", { runId: "r9" }],
  ["another hash", { sha256: "0".repeat(64) }],
  ["another place", { path: "tables/customers/run=r1/00000-0123456789abcdef.parquet" }],
])("an entry of a Parquet file with %s is found", async (_, change) => {
  const store = await lakeOfTwoRuns();
  let path = "";
  await editDocument<TablesManifest>(store, "runs/r1/tables.json", (manifest) => {
    const entry = manifest.collections
      .flatMap(({ tables }) => tables)
      .find(({ spec }) => spec.name === "orders");
    ({ path } = Object.assign(entry?.parts[0] ?? { path }, change));
  });
  const { findings } = await verify({ store: withoutLocalPath(store), runId: "r1" });
  expect(findings).toContainEqual({ path, code: "ENTRY_ORIGIN", problem: expect.any(String) });
});
