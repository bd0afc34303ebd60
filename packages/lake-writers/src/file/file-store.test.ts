import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allKeys, temporaryFolder } from "../../test/lake.ts";
import { fileStore } from "./index.ts";

const bytes = Buffer.from("content");

/** Runs as a user that owns nothing, because no permission stops root. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

test("a root with spaces and # is one folder, and its address says so", async () => {
  const root = join(await temporaryFolder(), "my lake #1", "100% ü");
  const store = fileStore({ root });
  await store.createIfAbsent("a/b.json", bytes);
  expect(existsSync(join(root, "a", "b.json"))).toBe(true);
  expect(store.localPath?.("a/b.json")).toBe(join(root, "a", "b.json"));
  expect(store.url).toMatch(/^file:\/\/\/.*my%20lake%20%231\/100%25%20%C3%BC$/);
});

test("a folder without write permission is named, with what to do", async () => {
  const root = await temporaryFolder();
  await chmod(root, 0o555);
  const writing = asNobody(() => fileStore({ root }).createIfAbsent("a/b", bytes));
  await expect(writing).rejects.toMatchObject({
    kind: "auth",
    code: "LAKE_PERMISSION",
    exitCode: 3,
    message: expect.stringContaining("permission denied"),
    hint: expect.stringContaining("--lake"),
  });
});

test.runIf(existsSync("/proc/self"))(
  "a place where no folder can be made is a destination error",
  async () => {
    const store = fileStore({ root: "/proc/no-lake-here" });
    expect(await allKeys(store)).toEqual([]);
    await expect(store.createIfAbsent("a", bytes)).rejects.toMatchObject({
      kind: "destination",
      code: "LAKE_IO",
      message: expect.stringContaining("file:///proc/no-lake-here"),
    });
  },
);

test("a file in place of the root, or of a folder above it, is a usage error for every method", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "x");
  for (const root of [file, join(file, "lake")]) {
    const store = fileStore({ root });
    const error = { kind: "usage", code: "LAKE_NOT_FOLDER", exitCode: 2 };
    await expect(store.createIfAbsent("a/b", bytes)).rejects.toMatchObject(error);
    await expect(store.head("a/b")).rejects.toMatchObject(error);
    await expect(allKeys(store)).rejects.toMatchObject(error);
    await expect(allKeys(store, "heads/")).rejects.toMatchObject(error);
    await expect(store.get("a/b")[Symbol.asyncIterator]().next()).rejects.toMatchObject(error);
    await expect(store.delete("a/b")).rejects.toMatchObject(error);
  }
});

test("an object in place of a folder hides nothing, and nothing can be put below it", async () => {
  const store = fileStore({ root: await temporaryFolder() });
  await store.createIfAbsent("a", bytes);
  expect(await store.head("a/b")).toBeUndefined();
  expect(await allKeys(store, "a/")).toEqual([]);
  await expect(store.createIfAbsent("a/b", bytes)).rejects.toMatchObject({ code: "LAKE_NOT_FOLDER" });
});

test("keys that would leave the root or meet its temporary files are refused", async () => {
  const store = fileStore({ root: await temporaryFolder() });
  for (const key of ["../a", "a/../../b", "", "/a", "a//b", "a/", ".", "a/./b", "a\0b", ".tmp/a"]) {
    await expect(store.createIfAbsent(key, bytes)).rejects.toMatchObject({ code: "OBJECT_KEY" });
    await expect(store.head(key)).rejects.toMatchObject({ code: "OBJECT_KEY" });
  }
});

test("unfinished writes are never listed, and sweep removes the old ones only", async () => {
  const root = await temporaryFolder();
  const dying = fileStore({
    root,
    checkpoint: async (name) => {
      // As after a kill: what the write would clean up stays.
      if (name === "written a") await leaveBehind(root);
    },
  });
  await dying.createIfAbsent("a", bytes);
  const left = (await readdir(join(root, ".tmp"))).toSorted();
  expect(left).toEqual(["left-new", "left-old"]);
  const store = fileStore({ root });
  expect(await allKeys(store)).toEqual(["a"]);
  for (const prefix of [".", ".tmp", ".tmp/", ".tmp/left"]) expect(await allKeys(store, prefix)).toEqual([]);
  await utimes(join(root, ".tmp", "left-old"), new Date(0), new Date(0));
  expect(await store.sweep?.(new Date(Date.now() - 3_600_000))).toBe(1);
  expect(await readdir(join(root, ".tmp"))).toEqual(["left-new"]);
});

async function leaveBehind(root: string): Promise<void> {
  for (const name of ["left-old", "left-new"]) await writeFile(join(root, ".tmp", name), "half");
}

test("a failed or aborted write leaves no temporary file", async () => {
  const root = await temporaryFolder();
  const controller = new AbortController();
  const store = fileStore({ root, checkpoint: () => controller.abort(new Error("stop")) });
  await expect(store.createIfAbsent("a", bytes, { signal: controller.signal })).rejects.toThrow("stop");
  await expect(store.createIfAbsent("b", { file: join(root, "no such file") })).rejects.toMatchObject({
    code: "LAKE_IO",
    message: expect.stringContaining("no such file"),
  });
  expect(await readdir(join(root, ".tmp"))).toEqual([]);
  expect(await allKeys(store)).toEqual([]);
});

test("an object appears only after its bytes are written, and is named last", async () => {
  const root = await temporaryFolder();
  const seen: string[] = [];
  const store = fileStore({
    root,
    checkpoint: (name) => void seen.push(`${name}: ${existsSync(join(root, "folder", "a"))}`),
  });
  await store.createIfAbsent("folder/a", bytes);
  await store.createIfAbsent("folder/a", bytes);
  expect(seen).toEqual(["written folder/a: false", "linked folder/a: true"]);
});

test("a read-only file becomes an object, and the source stays as it is", async () => {
  const folder = await temporaryFolder();
  await chmod(folder, 0o777);
  const file = join(folder, "source");
  await writeFile(file, "content");
  await chmod(file, 0o444);
  const store = fileStore({ root: join(folder, "lake") });
  expect(await asNobody(() => store.createIfAbsent("a", { file }))).toBe("created");
  expect(await store.head("a")).toMatchObject({ bytes: 7 });
  expect(existsSync(file)).toBe(true);
});

test("a lake that is removed under a running process is made again", async () => {
  const root = join(await temporaryFolder(), "lake");
  const store = fileStore({ root });
  await store.createIfAbsent("a/b", bytes);
  await rm(root, { recursive: true });
  expect(await allKeys(store)).toEqual([]);
  expect(await store.createIfAbsent("a/b", bytes)).toBe("created");
});

test("a root behind a link works as any other", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "real"));
  await symlink(join(folder, "real"), join(folder, "linked"));
  await fileStore({ root: join(folder, "linked") }).createIfAbsent("a/b", bytes);
  expect(await allKeys(fileStore({ root: join(folder, "real") }))).toEqual(["a/b"]);
});
