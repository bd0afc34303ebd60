import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnectionLike } from "@spacex-etl/contracts";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadRun } from "../loader/load-run.ts";
import { expectError } from "../testing/scenario.ts";
import { anOrder, orders, ordersWider, someOrders } from "../testing/shop.ts";
import { requestOf, TestLake } from "../testing/test-lake.ts";
import { duckdbLoader } from "./duckdb-loader.ts";

let folder: string;
let path: string;
let lake: TestLake;
let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "duckdb-connection-"));
  path = join(folder, "warehouse.duckdb");
  lake = await TestLake.open(join(folder, "lake"));
  instance = await DuckDBInstance.create(":memory:");
  connection = await instance.connect();
});
afterEach(async () => {
  connection.closeSync();
  instance.closeSync();
  await lake[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();

test("settings, databases and temporary objects of the caller's connection are as they were", async () => {
  await connection.run("SET TimeZone = 'America/New_York'");
  await connection.run("CREATE TEMP TABLE mine AS SELECT 1 AS n");
  const state = async () => [
    await rows("SELECT name, value FROM duckdb_settings() WHERE name <> 'temp_directory' ORDER BY name"),
    await rows("SELECT name FROM duckdb_variables() ORDER BY 1"),
    await rows("SELECT database_name FROM duckdb_databases() ORDER BY 1"),
    await rows(
      "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal",
    ),
  ];
  const before = await state();
  for (const [run, records] of [someOrders(3), someOrders(2)].entries()) {
    await using loader = duckdbLoader({ path, connection });
    await loadRun(
      loader,
      requestOf(`r${run}`, [
        await lake.collection(orders, records, { extractedAt: `2026-01-0${run + 1}T00:00:00.000Z` }),
      ]),
    );
  }
  expect(await state()).toEqual(before);
  await connection.run(`ATTACH '${path}' AS again (READ_ONLY)`);
  // In New York's time zone too the stored instant is UTC.
  expect(await rows("SELECT DISTINCT placed_at FROM again.raw.orders")).toEqual([
    { placed_at: "2026-01-02 03:04:05.678901" },
  ]);
});

test("rows are stored in the order of the files, also where the session does not keep it", async () => {
  const ids = Array.from({ length: 5000 }, (_, index) => `o${(index * 7919) % 5000}`);
  const shuffled = ids.map((id) => anOrder(id, { lines: [], tags: [] }));
  const added = Array.from({ length: 3000 }, (_, index) =>
    anOrder(`x${(index * 7919) % 3000}`, { lines: [], tags: [] }),
  );
  await connection.run("SET preserve_insertion_order = false");
  await using loader = duckdbLoader({ path, connection });
  await loadRun(loader, requestOf("r1", [await lake.collection(orders, shuffled, { parts: 7 })]));
  const second = await lake.collection(orders, [...shuffled, ...added], {
    parts: 11,
    extractedAt: "2026-01-02T00:00:00.000Z",
  });
  await loadRun(loader, requestOf("r2", [second]));
  const stored = (await rows("SELECT id FROM warehouse.raw.orders ORDER BY rowid")).map((row) => row["id"]);
  expect(stored).toEqual([...ids, ...added.map(({ id }) => id)]);
});

test("what plan prints is what is executed", async () => {
  const executed: string[] = [];
  const recording: DuckDBConnectionLike = {
    run: (sql) => connection.run(sql),
    runAndReadAll: (sql) => {
      // Small statements go in one text.
      executed.push(...sql.split(";\n"));
      return connection.runAndReadAll(sql) as ReturnType<DuckDBConnectionLike["runAndReadAll"]>;
    },
  };
  const first = requestOf("r1", [await lake.collection(orders, someOrders(6))]);
  const wider = [
    ...someOrders(4).map((order) => ({ ...order, channel: null, gifts: [] })),
    { ...anOrder("o004"), channel: "web", gifts: [{ name: "pen" }] },
    { ...anOrder("o009"), channel: null, gifts: [] },
  ];
  const second = requestOf("r2", [
    await lake.collection(ordersWider, wider, { extractedAt: "2026-01-02T00:00:00.000Z" }),
  ]);
  const now = () => new Date("2026-01-05T00:00:00.000Z");
  for (const request of [first, second]) {
    await using loader = duckdbLoader({ path, connection: recording, now });
    const planned = (await loader.preflight(request)).statements.map(({ sql }) => sql);
    executed.length = 0;
    await loadRun(loader, request);
    // The stages are dropped whether the load ends well or not, so that is no statement of the plan.
    const writes = executed.filter(
      (sql) => /^(CREATE|ALTER|INSERT|UPDATE|DELETE|DROP TABLE)/.test(sql) && !/^DROP.*_stage_/.test(sql),
    );
    expect(writes.length).toBeGreaterThan(8);
    expect(writes.filter((sql) => !planned.includes(sql))).toEqual([]);
    expect(planned.filter((sql) => executed.includes(sql))).toEqual(
      executed.filter((sql) => planned.includes(sql)),
    );
    // Everything was touched here, so nothing of the plan was skipped but the counting of kept children.
    expect(planned.filter((sql) => !executed.includes(sql) && !sql.includes("'kept'"))).toEqual([]);
  }
});

test("an alias that is taken is a usage error; odd names are quoted", async () => {
  await connection.run(`ATTACH '${join(folder, "other.duckdb")}' AS warehouse`);
  const request = requestOf("r1", [await lake.collection(orders, someOrders(1))]);
  {
    await using loader = duckdbLoader({ path, connection });
    await expectError(loadRun(loader, request), "ALIAS_TAKEN", 2);
  }
  await using loader = duckdbLoader({ path, connection, alias: 'odd "name"', schema: "from" });
  expect(await loadRun(loader, request)).toMatchObject({ outcome: "loaded" });
  expect(await rows(`SELECT count(*) AS n FROM "odd ""name"""."from".orders`)).toEqual([{ n: "1" }]);
});

test("a load that is stopped in the middle of a statement ends at once and changes nothing", async () => {
  await using loader = duckdbLoader({ path, connection });
  await loadRun(loader, requestOf("r1", [await lake.collection(orders, someOrders(2))]));
  const controller = new AbortController();
  const endless: DuckDBConnectionLike = {
    run: (sql) => connection.run(sql),
    interrupt: () => connection.interrupt(),
    runAndReadAll: (sql) => {
      if (!sql.startsWith("INSERT INTO")) {
        return connection.runAndReadAll(sql) as ReturnType<DuckDBConnectionLike["runAndReadAll"]>;
      }
      setTimeout(() => controller.abort(), 50);
      return connection.runAndReadAll(
        "SELECT count(*) FROM range(1000000) AS a, range(1000000) AS b",
      ) as ReturnType<DuckDBConnectionLike["runAndReadAll"]>;
    },
  };
  await loader[Symbol.asyncDispose]();
  const next = await lake.collection(orders, someOrders(3), { extractedAt: "2026-01-02T00:00:00.000Z" });
  const request = requestOf("r2", [next]);
  {
    await using stopped = duckdbLoader({ path, connection: endless });
    await expectError(loadRun(stopped, request, { signal: controller.signal }), "LOAD_ABORTED", 130);
    expect(await rows("SELECT count(*) AS n FROM warehouse.raw.orders")).toEqual([{ n: "2" }]);
  }
  await using again = duckdbLoader({ path, connection });
  expect(await loadRun(again, request)).toMatchObject({ outcome: "loaded" });
});

test("without the peer dependency the error says what to install", async () => {
  const program = `
    import { registerHooks } from "node:module";
    registerHooks({
      resolve: (specifier, context, next) => {
        if (specifier === "@duckdb/node-api") throw new Error("Cannot find package");
        return next(specifier, context);
      },
    });
    const { duckdbLoader } = await import(${JSON.stringify(new URL("index.ts", import.meta.url).href)});
    await using loader = duckdbLoader({ path: ${JSON.stringify(path)} });
    await loader.recordTransform({}).catch(({ code, exitCode, hint }) => console.log(code, exitCode, hint));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@spacex-etl/source",
    "--input-type=module",
    "-e",
    program,
  ]);
  expect(stdout).toMatch(/^PEER_MISSING 2 .*npm install @duckdb\/node-api/);
});
