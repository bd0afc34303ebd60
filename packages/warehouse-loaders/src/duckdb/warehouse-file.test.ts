import { DuckDBInstance } from "@duckdb/node-api";
import { EtlError } from "@spacex-etl/contracts";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadRun } from "../loader/load-run.ts";
import { orders, someOrders } from "../testing/shop.ts";
import { requestOf, TestLake } from "../testing/test-lake.ts";
import { duckdbLoader } from "./duckdb-loader.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "warehouse-file-"));
  path = join(folder, "warehouse.duckdb");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const empty = (runId: string) => requestOf(runId, []);

async function load(file: string, runId = "r1"): Promise<void> {
  await using loader = duckdbLoader({ path: file });
  await loadRun(loader, empty(runId));
}

/** Code and exit code of what the call throws. */
async function failure(
  call: () => Promise<unknown>,
): Promise<{ code: string; exitCode: number; error: EtlError }> {
  try {
    await call();
  } catch (error) {
    if (EtlError.isInstance(error)) return { code: error.code, exitCode: error.exitCode, error };
    throw error;
  }
  return expect.fail("nothing was thrown");
}

async function query(file: string, sql: string): Promise<unknown> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function script(name: string): string {
  return fileURLToPath(new URL(`../../test/duckdb/${name}`, import.meta.url));
}

test("reading a warehouse that is not there creates nothing", async () => {
  await using loader = duckdbLoader({ path: join(folder, "deep", "er", "warehouse.duckdb") });
  await loader.check();
  const plan = await loader.preflight(empty("r1"));
  expect(plan.decision).toBe("load");
  expect(plan.statements.map(({ name }) => name)).toContain("create _loads");
  expect(await loader.transformState()).toEqual({ changedAt: null, last: null });
  expect(await readdir(folder)).toEqual([]);
});

test("a load makes folder and file, leaves no other file, and lets go of it", async () => {
  const deep = join(folder, "it's", "a [deep] folder", "warehouse.duckdb");
  await using lake = await TestLake.open(join(folder, "lake"));
  {
    await using loader = duckdbLoader({ path: deep, memoryLimit: "200MB" });
    await loadRun(loader, requestOf("r1", [await lake.collection(orders, someOrders(3))]));
  }
  expect(await readdir(join(folder, "it's", "a [deep] folder"))).toEqual(["warehouse.duckdb"]);
  expect(await query(deep, "SELECT count(*) AS n FROM raw.orders")).toEqual([{ n: "3" }]);
});

test("check writes nothing, not even where a killed process left its log", async () => {
  await load(path);
  const sizes = async () => [(await readFile(path)).toString("base64"), (await readdir(folder)).join()];
  const before = await sizes();
  {
    await using loader = duckdbLoader({ path });
    await loader.check();
  }
  expect(await sizes()).toEqual(before);

  const killed = spawn(
    process.execPath,
    [
      "--conditions=@spacex-etl/source",
      "-e",
      `const { DuckDBInstance } = require("@duckdb/node-api");
     DuckDBInstance.create(${JSON.stringify(path)}).then(async (instance) => {
       const connection = await instance.connect();
       await connection.run("CREATE TABLE left_over AS SELECT 1 AS n");
       process.kill(process.pid, "SIGKILL");
     });`,
    ],
    { cwd: fileURLToPath(new URL("../..", import.meta.url)) },
  );
  await once(killed, "close");
  expect(existsSync(`${path}.wal`)).toBe(true);
  const crashed = await sizes();
  {
    await using loader = duckdbLoader({ path });
    await loader.check();
  }
  expect(await sizes()).toEqual(crashed);
  expect(await query(path, "SELECT n FROM left_over")).toEqual([{ n: 1 }]);
});

test("a file that is open in another process is waited for, then the error names the process", async () => {
  await load(path);
  const holder = spawn(process.execPath, [script("hold-file.ts"), path], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    await once(holder.stdout, "data");
    for (const call of ["check", "preflight"] as const) {
      await using loader = duckdbLoader({ path, lockTimeoutMs: 100 });
      const { code, exitCode, error } = await failure(() =>
        call === "check" ? loader.check() : loader.preflight(empty("r2")),
      );
      expect({ code, exitCode, retryable: error.retryable }).toEqual({
        code: "WAREHOUSE_LOCKED",
        exitCode: 5,
        retryable: true,
      });
      expect(error.message).toContain(`process ${holder.pid}`);
      expect(error.hint).toContain(String(holder.pid));
    }
    await using patient = duckdbLoader({ path, lockTimeoutMs: 20_000 });
    const loaded = loadRun(patient, empty("r3"));
    holder.stdin.end();
    expect(await loaded).toMatchObject({ outcome: "loaded" });
  } finally {
    holder.kill();
  }
});

test("two loaders of one process do not share the file either, by whatever name they call it", async () => {
  await load(path);
  const alias = join(folder, "link.duckdb");
  await symlink(path, alias);
  const first = duckdbLoader({ path });
  await first.preflight(empty("r2"));
  await using second = duckdbLoader({ path: alias, lockTimeoutMs: 50 });
  expect(await failure(() => second.preflight(empty("r3")))).toMatchObject({
    code: "WAREHOUSE_LOCKED",
    exitCode: 5,
  });
  await first[Symbol.asyncDispose]();
  expect(await loadRun(second, empty("r3"))).toMatchObject({ outcome: "loaded" });
});

test.each([
  ["text", () => Buffer.from("hello world\n".repeat(1000))],
  ["an empty file", () => Buffer.alloc(0)],
  ["a SQLite database", () => Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(8192)])],
])("%s is no database: named, not touched, not retryable", async (_, bytes) => {
  await writeFile(path, bytes());
  for (const call of ["check", "load"] as const) {
    await using loader = duckdbLoader({ path });
    const { code, exitCode, error } = await failure(() =>
      call === "check" ? loader.check() : loadRun(loader, empty("r1")),
    );
    expect({ code, exitCode, retryable: error.retryable }).toEqual({
      code: "WAREHOUSE_NOT_DUCKDB",
      exitCode: 8,
      retryable: false,
    });
    expect(error.message).toContain(path);
  }
  expect(await readFile(path)).toEqual(bytes());
});

test("a folder in its place, and a file in place of its folder, are named", async () => {
  await mkdir(path);
  await using folderAsFile = duckdbLoader({ path });
  expect(await failure(() => folderAsFile.preflight(empty("r1")))).toMatchObject({
    code: "WAREHOUSE_NOT_DUCKDB",
  });
  const file = join(folder, "file");
  await writeFile(file, "");
  for (const below of [join(file, "warehouse.duckdb"), join(file, "deep", "warehouse.duckdb")]) {
    await using fileAsFolder = duckdbLoader({ path: below });
    expect(await failure(() => fileAsFolder.check())).toMatchObject({ code: "WAREHOUSE_PATH", exitCode: 8 });
    expect(await failure(() => loadRun(fileAsFolder, empty("r1")))).toMatchObject({
      code: "WAREHOUSE_PATH",
      exitCode: 8,
    });
  }
});

test("a file of a newer DuckDB asks for an upgrade, a damaged one for a backup", async () => {
  await load(path);
  const intact = await readFile(path);
  const write = async (offset: number, value: bigint) => {
    const bytes = await readFile(path);
    bytes.writeBigUInt64LE(value, offset);
    await writeFile(path, bytes);
  };
  const attempt = async () => {
    await using loader = duckdbLoader({ path });
    return await failure(() => loader.preflight(empty("r2")));
  };
  // The main header: checksum, magic bytes, version. DuckDB's message gives the right checksum away.
  await write(12, 99n);
  const damaged = await attempt();
  expect(damaged).toMatchObject({ code: "WAREHOUSE_DAMAGED", exitCode: 8 });
  expect(damaged.error.retryable).toBe(false);
  await write(0, BigInt(/computed checksum (\d+)/.exec(damaged.error.message)![1]!));
  const newer = await attempt();
  expect(newer).toMatchObject({ code: "WAREHOUSE_NEWER", exitCode: 6 });
  expect(newer.error.hint).toMatch(/[Uu]pgrade/);
  await writeFile(path, intact.subarray(0, 9000));
  expect(await attempt()).toMatchObject({ code: "WAREHOUSE_DAMAGED", exitCode: 8 });
});

test.runIf(process.getuid?.() === 0)(
  "a file or folder without write permission is a permission error",
  async () => {
    await chmod(folder, 0o755);
    await load(path);
    await chmod(path, 0o644);
    const closed = join(folder, "closed");
    await mkdir(closed, { mode: 0o755 });
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--conditions=@spacex-etl/source",
      script("check-as-nobody.ts"),
      path,
      join(closed, "new.duckdb"),
      join(closed, "deep", "new.duckdb"),
    ]);
    expect(JSON.parse(stdout)).toEqual(Array.from({ length: 6 }, () => "WAREHOUSE_UNWRITABLE 3"));
  },
);

test("drafts of a process that died while it made the file are cleared away", async () => {
  const draft = join(folder, ".warehouse.duckdb.new-0123456789ab");
  await writeFile(draft, "");
  await load(path);
  expect(await readdir(folder)).toContain(".warehouse.duckdb.new-0123456789ab");
  await rm(path);
  await utimes(draft, new Date(0), new Date(0));
  await load(path);
  expect(await readdir(folder)).toEqual(["warehouse.duckdb"]);
});

test("close lets go of the file, again is fine, and the loader can be used anew", async () => {
  const loader = duckdbLoader({ path, lockTimeoutMs: 0 });
  await loadRun(loader, empty("r1"));
  await loader.close();
  await loader.close();
  expect(await query(path, "SELECT run_id FROM raw._loads")).toEqual([{ run_id: "r1" }]);
  expect(await loadRun(loader, empty("r2"))).toMatchObject({ outcome: "loaded" });
  await loader.close();
  expect(await query(path, "SELECT count(*)::INTEGER AS n FROM raw._loads")).toEqual([{ n: 2 }]);
});
