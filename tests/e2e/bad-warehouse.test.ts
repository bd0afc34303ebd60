import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { contentOf, query } from "../harness/database.ts";
import { holdDatabase } from "../harness/hold-database.ts";
import { expectFailure, openSite, type Site } from "../harness/site.ts";

async function loadedSite(): Promise<Site> {
  const site = await openSite({ collections: "crew" });
  const { code, output } = await site.step("run --run-id r1");
  expect(code, output).toBe(0);
  return site;
}

async function change(path: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

test("a database that another process has open: exit code 5 before the first request, and waiting helps", async () => {
  await using site = await loadedSite();
  const before = site.simulator.requests.length;
  await using holder = await holdDatabase(site.warehouse);
  const locked = await site.step("run --run-id r2 --lock-timeout 0.2");
  expectFailure(locked, {
    exitCode: 5,
    code: "WAREHOUSE_LOCKED",
    says: new RegExp(`process ${holder.pid}\\b`),
  });
  expect(site.simulator.requests.length).toBe(before);

  const waiting = site.step("run --run-id r2 --lock-timeout 60");
  await new Promise((resolve) => void setTimeout(resolve, 300));
  await holder.release();
  const { code, output } = await waiting;
  expect(code, output).toBe(0);
});

test("a file that is no database, and one that is damaged", async () => {
  await using site = await loadedSite();
  const other = join(site.cwd, "notes.txt");
  writeFileSync(other, "not a database, but somebody's notes\n".repeat(1000));
  const notes = await site.step("load --run-id r1 --warehouse ./notes.txt");
  expectFailure(notes, { exitCode: 8, code: "WAREHOUSE_NOT_DUCKDB", says: /notes\.txt.*Name another file/s });
  truncateSync(site.warehouse, 20_000);
  const damaged = await site.step("run --run-id r2");
  expectFailure(damaged, {
    exitCode: 8,
    code: "WAREHOUSE_DAMAGED",
    says: /warehouse\.duckdb is damaged.*backup/s,
  });
});

test("another source is refused with exit code 2, and taken with --allow-source-change", async () => {
  await using site = await loadedSite();
  const before = await contentOf(site.warehouse);
  const refused = await site.step("run --run-id r2 --source another");
  expectFailure(refused, {
    exitCode: 2,
    code: "SOURCE_MISMATCH",
    says: /of the source simulated; run r2 is from another/,
  });
  expectFailure(refused, { exitCode: 2, code: "SOURCE_MISMATCH", says: /--allow-source-change/ });
  expect(await contentOf(site.warehouse)).toEqual(before);
  const allowed = await site.step("run --run-id r2 --source another --allow-source-change");
  expect(allowed.code, allowed.output).toBe(0);
  expect(allowed.stderr).toMatch(/those of this run are now from another/);
  expect(await query(site.warehouse, "SELECT DISTINCT source FROM raw._tables")).toEqual([
    { source: "another" },
  ]);
});

test.each([
  {
    what: "tables of a newer schema version",
    sql: "UPDATE raw._tables SET schema_version = 99",
    code: "SCHEMA_NEWER",
    says: /version 99.*upgrade this one/s,
  },
  {
    what: "a column of another type",
    sql: "ALTER TABLE raw.crew ALTER COLUMN agency TYPE INTEGER USING 1",
    code: "TYPE_CHANGE",
    says: /agency.*ALTER TABLE/s,
  },
  {
    what: "a ledger that is somebody else's",
    sql: "ALTER TABLE raw._loads DROP COLUMN counts",
    code: "TABLE_NOT_OURS",
    says: /_loads.*ALTER TABLE .*RENAME/s,
  },
])("$what: refused with exit code 6, and left alone", async ({ sql, code, says }) => {
  await using site = await loadedSite();
  await change(site.warehouse, sql);
  const before = await contentOf(site.warehouse);
  site.simulator.replace("crew", []);
  const refused = await site.step("run --run-id r2 --allow-deletes");
  expectFailure(refused, { exitCode: 6, code, says });
  expect(await contentOf(site.warehouse)).toEqual(before);
});

test("rows that somebody changed by hand are written again, and it is said", async () => {
  await using site = await loadedSite();
  const before = await contentOf(site.warehouse);
  await change(site.warehouse, "DELETE FROM raw.crew WHERE name LIKE 'R%'");
  const { code, output, stderr } = await site.step("run --run-id r2");
  expect(code, output).toBe(0);
  expect(stderr).toMatch(/are not what the last load left/);
  expect(await contentOf(site.warehouse)).toEqual(before);
});
