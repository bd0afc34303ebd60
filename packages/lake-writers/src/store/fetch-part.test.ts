import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { overwrite, temporaryFolder, temporaryLake, withoutLocalPath } from "../../test/lake.ts";
import { fetchPart } from "../index.ts";

const body = Buffer.from("the bytes of a Parquet file");
const part = {
  path: "tables/orders/run=r1/00000-0123456789abcdef.parquet",
  bytes: body.length,
  sha256: sha256Hex(body),
};

test("a part of a remote lake becomes a file named by its content, once", async () => {
  const store = withoutLocalPath(await temporaryLake());
  await store.createIfAbsent(part.path, body);
  const folder = join(await temporaryFolder(), "a", "b");
  const files = await Promise.all(Array.from({ length: 5 }, () => fetchPart(store, part, folder)));
  expect(new Set(files)).toEqual(new Set([join(folder, `${part.sha256}.parquet`)]));
  expect(await readdir(folder)).toHaveLength(1);
  expect((await readFile(files[0] as string)).equals(body)).toBe(true);

  await store.delete(part.path);
  expect(await fetchPart(store, part, folder)).toBe(files[0]);
  await writeFile(files[0] as string, Buffer.alloc(body.length, "x"));
  await expect(fetchPart(store, part, folder)).rejects.toMatchObject({
    code: "OBJECT_NOT_FOUND",
    exitCode: 10,
  });
});

test("a file of that name with other content is replaced", async () => {
  const store = withoutLocalPath(await temporaryLake());
  await store.createIfAbsent(part.path, body);
  const folder = await temporaryFolder();
  const file = await fetchPart(store, part, folder);
  await writeFile(file, Buffer.alloc(body.length, "x"));
  expect(await fetchPart(store, part, folder)).toBe(file);
  expect((await readFile(file)).equals(body)).toBe(true);
});

test("an object that is not what its manifest says leaves no file", async () => {
  const store = withoutLocalPath(await temporaryLake());
  await store.createIfAbsent(part.path, body);
  await overwrite(store, part.path, (bytes) => bytes.fill("x", 3, 4));
  const folder = await temporaryFolder();
  await expect(fetchPart(store, part, folder)).rejects.toMatchObject({
    code: "PART_CHECKSUM",
    message: expect.stringContaining(part.path),
  });
  expect(await readdir(folder)).toEqual([]);
  const reason = new Error("stopped");
  await expect(fetchPart(store, part, folder, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("a folder that cannot be made is the machine's fault, not the lake's", async () => {
  const store = withoutLocalPath(await temporaryLake());
  await store.createIfAbsent(part.path, body);
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  await expect(fetchPart(store, part, join(file, "below"))).rejects.toMatchObject({
    code: "WORK_FOLDER",
    exitCode: 8,
  });
});

test("in a lake on this machine the object itself is verified and named", async () => {
  const store = await temporaryLake();
  await store.createIfAbsent(part.path, body);
  const folder = await temporaryFolder();
  expect(await fetchPart(store, part, folder)).toBe(store.localPath?.(part.path));
  expect(await readdir(folder)).toEqual([]);
  await overwrite(store, part.path, (bytes) => bytes.fill("x", 3, 4));
  await expect(fetchPart(store, part, folder)).rejects.toMatchObject({ code: "PART_CHECKSUM" });
});
