import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EtlError } from "@spacex-etl/contracts";
import type { ObjectStore } from "@spacex-etl/lake-writers";
import { fileStore } from "@spacex-etl/lake-writers/file";
import { afterEach, beforeEach, expect, test } from "vitest";
import { probeLake } from "./probe-lake.ts";

let root: string;
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), "probe-lake-"))));
afterEach(() => rm(root, { recursive: true, force: true }));

const permissions = { list: "lake.list", create: "lake.create", read: "lake.read", delete: "lake.delete" };

/** A lake that names its permissions, as buckets do, with some of its operations replaced. */
function bucket(change: Partial<ObjectStore> = {}): ObjectStore {
  const { localPath: _, ...store } = fileStore({ root });
  return { ...store, url: "s3://ada-lake/spacex", permissions, ...change };
}

function forbidden(permission: string): EtlError {
  return new EtlError({
    kind: "auth",
    code: "LAKE_PERMISSION",
    message: `Not allowed.`,
    hint: `Allow ${permission}.`,
  });
}

const rejected = (error: unknown) => async (): Promise<never> => {
  throw error;
};

async function filesLeft(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test("of a bucket every operation is told with its permission, and nothing is left", async () => {
  const checks = await probeLake(bucket(), undefined);
  expect(checks.map(({ name, ok, permission }) => [name, ok, permission])).toEqual([
    ["lake list", true, "lake.list"],
    ["lake create", true, "lake.create"],
    ["lake refuse", true, "lake.create"],
    ["lake read", true, "lake.read"],
    ["lake delete", true, "lake.delete"],
  ]);
  for (const { detail, permission } of checks) expect(detail).toContain(`(${permission})`);
  expect(await filesLeft()).toEqual([]);
});

test("of a folder there is one line", async () => {
  const checks = await probeLake(fileStore({ root }), undefined);
  expect(checks).toEqual([
    expect.objectContaining({
      name: "lake",
      ok: true,
      detail: expect.stringContaining("read, list and delete"),
    }),
  ]);
});

test.each([
  [
    "list",
    {
      async *list(): AsyncGenerator<never> {
        yield await rejected(forbidden("lake.list"))();
      },
    },
  ],
  [
    "read",
    {
      async *get(): AsyncGenerator<never> {
        yield await rejected(forbidden("lake.read"))();
      },
    },
  ],
] as const)(
  "without the permission to %s the others are tried and the probe is removed",
  async (operation, change) => {
    const checks = await probeLake(bucket(change), undefined);
    expect(checks.filter(({ ok }) => !ok)).toEqual([
      expect.objectContaining({ name: `lake ${operation}`, hint: `Allow lake.${operation}.`, exitCode: 3 }),
    ]);
    expect(await filesLeft()).toEqual([]);
  },
);

test("without the permission to delete the probe that is left is named", async () => {
  const checks = await probeLake(bucket({ delete: rejected(forbidden("lake.delete")) }), undefined);
  const [left] = await filesLeft();
  expect(checks.filter(({ ok }) => !ok)).toEqual([
    expect.objectContaining({
      name: "lake delete",
      hint: `Allow lake.delete. The probe object s3://ada-lake/spacex/probes/${left} (16 bytes) is left: delete it.`,
    }),
  ]);
});

test("without the permission to create the listing is tried, the rest cannot be", async () => {
  const checks = await probeLake(bucket({ createIfAbsent: rejected(forbidden("lake.create")) }), undefined);
  expect(checks.map(({ name, ok, exitCode }) => [name, ok, exitCode])).toEqual([
    ["lake list", true, 0],
    ["lake create", false, 3],
    ["lake refuse", false, 3],
    ["lake read", false, 3],
    ["lake delete", false, 3],
  ]);
  expect(checks[3]?.detail).toContain("not tried");
  expect(checks[3]?.detail).toContain("lake.read");
});

test("a store that overwrites is no lake", async () => {
  const store = bucket();
  const checks = await probeLake(
    bucket({
      async createIfAbsent(key, body, options) {
        await store.delete(key);
        return store.createIfAbsent(key, body, options);
      },
    }),
    undefined,
  );
  expect(checks.find(({ name }) => name === "lake refuse")).toMatchObject({
    ok: false,
    detail: expect.stringContaining("created an object that was there already"),
    exitCode: 8,
  });
  expect(await filesLeft()).toEqual([]);
});

test("an answer that was lost may have left the probe, which is removed; the bucket has one line", async () => {
  const store = bucket();
  const unreachable = new EtlError({ kind: "destination", code: "LAKE_UNREACHABLE", message: "No answer." });
  const checks = await probeLake(
    bucket({
      async createIfAbsent(key, body, options) {
        await store.createIfAbsent(key, body, options);
        throw unreachable;
      },
    }),
    undefined,
  );
  expect(checks).toEqual([expect.objectContaining({ name: "lake", ok: false, exitCode: 8 })]);
  expect(await filesLeft()).toEqual([]);
});

const wrongChecksum = new EtlError({
  kind: "integrity",
  code: "OBJECT_CHECKSUM",
  message: "Another checksum.",
  hint: "Look at the network.",
});

test("what arrived damaged is removed, too", async () => {
  const store = bucket();
  const checks = await probeLake(
    bucket({
      async createIfAbsent(key, body, options) {
        await store.createIfAbsent(key, body, options);
        throw wrongChecksum;
      },
    }),
    undefined,
  );
  expect(checks).toEqual([expect.objectContaining({ ok: false, hint: "Look at the network." })]);
  expect(await filesLeft()).toEqual([]);
});

test("a probe that may be left after a failure is named", async () => {
  const checks = await probeLake(
    bucket({ createIfAbsent: rejected(wrongChecksum), delete: rejected(forbidden("lake.delete")) }),
    undefined,
  );
  expect(checks).toEqual([
    expect.objectContaining({
      name: "lake",
      ok: false,
      hint: expect.stringMatching(
        /^Look at the network\. The probe object s3:\/\/ada-lake\/spacex\/probes\/\w+ \(16 bytes\) may be left: delete it\.$/,
      ),
    }),
  ]);
});

test("where there is no bucket nothing is left", async () => {
  const missing = new EtlError({
    kind: "destination",
    code: "LAKE_BUCKET_MISSING",
    message: "There is no such bucket.",
    hint: "Create it.",
  });
  const gone = rejected(missing);
  const checks = await probeLake(bucket({ createIfAbsent: gone, delete: gone }), undefined);
  expect(checks).toEqual([expect.objectContaining({ name: "lake", ok: false, hint: "Create it." })]);
});

test("stopped in the middle it throws the reason and removes the probe", async () => {
  const controller = new AbortController();
  const reason = new EtlError({ kind: "interrupted", code: "INTERRUPTED", message: "Stopped." });
  const store = bucket();
  const stopping = bucket({
    list(prefix, options) {
      controller.abort(reason);
      return store.list(prefix, options);
    },
  });
  await expect(probeLake(stopping, controller.signal)).rejects.toBe(reason);
  expect(await filesLeft()).toEqual([]);
});
