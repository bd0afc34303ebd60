import { expect, test } from "vitest";
import { type Ended, script, shop, type Started } from "./harness.ts";

const LOADER = `
-- one run
DECLARE stale INT64 DEFAULT 0;
DECLARE loaded TIMESTAMP;
BEGIN TRANSACTION;
UPDATE \`proj.raw._loads\` SET lock = @run WHERE run_id = 'lock';
ASSERT NOT EXISTS (SELECT 1 FROM \`proj.raw._loads\` WHERE run_id = @run) AS 'run is loaded';
ASSERT (SELECT COUNT(*) FROM \`proj.raw.stage\`) = @staged AS 'stage has expired';
SET loaded = (SELECT GREATEST(@now, TIMESTAMP_ADD(COALESCE(MAX(loaded_at), TIMESTAMP '1970-01-01 00:00:00+00'), INTERVAL 1 MICROSECOND)) FROM \`proj.raw._loads\`);
MERGE \`proj.raw.things\` AS t
USING (SELECT * FROM \`proj.raw.stage\`) AS s
ON t.id = s.id
WHEN MATCHED AND (t.row_hash != s.row_hash OR t.deleted_at IS NOT NULL) THEN
  UPDATE SET name = s.name, row_hash = s.row_hash, loaded_at = loaded, deleted_at = NULL
WHEN NOT MATCHED BY TARGET THEN
  INSERT (id, name, row_hash, loaded_at) VALUES (s.id, s.name, s.row_hash, loaded)
WHEN NOT MATCHED BY SOURCE AND t.deleted_at IS NULL THEN
  UPDATE SET deleted_at = loaded, loaded_at = loaded;
IF @@row_count > 100 THEN
  RAISE USING MESSAGE = FORMAT('%d rows', @@row_count);
END IF;
INSERT INTO \`proj.raw._loads\` (run_id, loaded_at) VALUES (@run, loaded);
COMMIT TRANSACTION;
SELECT loaded AS loaded_at;`;

const run = (place: Started, name: string, staged: number, more: object = {}): Promise<Ended> =>
  script(place.client, LOADER, {
    jobId: name,
    params: { run: name, staged, now: place.client.timestamp("2026-11-22T00:00:00.000001Z") },
    ...more,
  });

test("a loader's script is one transaction whose statements and counts come back as child jobs", async () => {
  await using place = await shop();
  const first = await run(place, "run_1", 3);
  expect(first.status).toEqual({ state: "DONE" });
  expect(first.statistics).toMatchObject({ numChildJobs: "8", query: { statementType: "SCRIPT" } });
  const [things] = await place.client.query("SELECT name, loaded_at FROM proj.raw.things ORDER BY id");
  expect(things.map(({ name }: { name: string }) => name)).toEqual(["one", 'it\'s "two"', "\\n"]);
  expect(things[0].loaded_at.value).toBe("2026-11-22T00:00:00.000001000Z");

  await script(
    place.client,
    "UPDATE raw.stage SET row_hash = 'z' WHERE id = 2; DELETE FROM raw.stage WHERE id = 3",
  );
  await run(place, "run_2", 2);
  const [children] = await place.client.getJobs({ parentJobId: "run_2" });
  const statistics = children.toReversed().map(({ metadata }) => metadata.statistics.query);
  expect(statistics.map(({ statementType }: { statementType: string }) => statementType)).toEqual([
    "BEGIN_TRANSACTION",
    "UPDATE",
    "ASSERT",
    "ASSERT",
    "MERGE",
    "INSERT",
    "COMMIT_TRANSACTION",
    "SELECT",
  ]);
  expect(statistics[4]).toMatchObject({ numDmlAffectedRows: "2", dmlStats: { updatedRowCount: "2" } });
  const [results] = await place.client.job("run_2").getQueryResults();
  expect(results[0].loaded_at.value).toBe("2026-11-22T00:00:00.000002000Z");
});

test.each([
  ["run_1", 3, "run is loaded"],
  ["run_2", 99, "stage has expired"],
])("a failed assertion rolls the transaction back (%s)", async (name, staged, message) => {
  await using place = await shop();
  await run(place, "run_1", 3);
  const again = await run(place, `${name}`, staged, { jobId: "again" });
  expect(again.status.errorResult).toMatchObject({ reason: "invalidQuery", message });
  const [rows] = await place.client.query("SELECT lock FROM raw._loads WHERE run_id = 'lock'");
  expect(rows).toEqual([{ lock: "run_1" }]);
});

test("of two transactions at once that mutate one table, the second is aborted; mere inserts do not conflict", async () => {
  await using place = await shop();
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  place.server.hooks.beforeStatement = async (jobId, text) => {
    if (jobId !== "run_1" || !text.startsWith("MERGE")) return;
    reached.resolve();
    await gate.promise;
  };
  const first = run(place, "run_1", 3);
  await Promise.race([reached.promise, first]);
  const second = await run(place, "run_2", 3);
  expect(second.status.errorResult).toMatchObject({
    reason: "invalidQuery",
    message: expect.stringContaining(
      "Transaction is aborted due to concurrent update against table proj:raw._loads",
    ),
  });
  const insert = "BEGIN TRANSACTION; INSERT INTO raw._loads (run_id) VALUES ('x'); COMMIT TRANSACTION;";
  expect((await script(place.client, insert)).status.errorResult).toBeUndefined();
  const waiting = script(place.client, "UPDATE raw._loads SET lock = 'late' WHERE run_id = 'lock'");
  gate.resolve();
  expect((await first).status.errorResult).toBeUndefined();
  expect((await waiting).statistics.query?.numDmlAffectedRows).toBe("1");
  const [rows] = await place.client.query("SELECT run_id, lock FROM raw._loads ORDER BY run_id");
  expect(rows).toEqual([
    { run_id: "lock", lock: "late" },
    { run_id: "run_1", lock: null },
    { run_id: "x", lock: null },
  ]);
});

test("a transaction that began before another's commit may not mutate what that one did", async () => {
  await using place = await shop();
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  place.server.hooks.beforeStatement = async (jobId, text) => {
    if (jobId !== "run_1" || !text.startsWith("UPDATE")) return;
    reached.resolve();
    await gate.promise;
  };
  const late = run(place, "run_1", 3);
  await Promise.race([reached.promise, late]);
  expect((await run(place, "run_2", 3)).status.errorResult).toBeUndefined();
  gate.resolve();
  expect((await late).status.errorResult?.message).toContain("concurrent update");
});

test("one DML statement tells its own counts; a source row twice is refused", async () => {
  await using place = await shop();
  const inserted = await script(
    place.client,
    "INSERT INTO raw.things (id, row_hash) SELECT id, row_hash FROM raw.stage",
  );
  expect(inserted.statistics.query).toMatchObject({
    statementType: "INSERT",
    numDmlAffectedRows: "3",
    dmlStats: { insertedRowCount: "3" },
  });
  const from = "UPDATE raw.things AS t SET name = s.name FROM raw.stage AS s WHERE t.id = s.id";
  expect((await script(place.client, from)).statistics.query?.numDmlAffectedRows).toBe("3");
  await script(place.client, "INSERT INTO raw.stage VALUES (1, 'twice', 'a')");
  const message = "UPDATE/MERGE must match at most one source row for each target row";
  expect((await script(place.client, from)).status.errorResult).toMatchObject({
    reason: "invalidQuery",
    message,
  });
  const merge =
    "MERGE raw.things t USING raw.stage s ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = s.name";
  expect((await script(place.client, merge)).status.errorResult).toMatchObject({ message });
  const [rows] = await place.client.query("SELECT name FROM raw.things WHERE id = 1");
  expect(rows).toEqual([{ name: "one" }]);
});

test("ALTER TABLE adds columns, and INFORMATION_SCHEMA shows them", async () => {
  await using place = await shop();
  const alter =
    "ALTER TABLE raw.things ADD COLUMN IF NOT EXISTS price FLOAT64, ADD COLUMN `select` BOOL, ALTER COLUMN id DROP NOT NULL";
  expect((await script(place.client, alter)).status.errorResult).toBeUndefined();
  const [columns] = await place.client.query(
    "SELECT column_name, data_type, is_nullable FROM `proj.raw.INFORMATION_SCHEMA.COLUMNS` WHERE table_name = 'things' ORDER BY ordinal_position",
  );
  expect(columns.map((each: Record<string, string>) => Object.values(each).join(" "))).toEqual([
    "id INT64 YES",
    "name STRING YES",
    "row_hash STRING YES",
    "loaded_at TIMESTAMP YES",
    "deleted_at TIMESTAMP YES",
    "price FLOAT64 YES",
    "select BOOL YES",
  ]);
  expect(
    (await place.client.query("SELECT table_name FROM raw.INFORMATION_SCHEMA.TABLES ORDER BY 1"))[0],
  ).toHaveLength(3);
  const [metadata] = await place.client.dataset("raw").table("things").getMetadata();
  expect(metadata).toMatchObject({
    description: "Things",
    labels: { team: "etl" },
    clustering: { fields: ["id"] },
  });
  expect(metadata.schema.fields[0].description).toBe("its key");
  const inside = await script(
    place.client,
    "BEGIN TRANSACTION; ALTER TABLE raw.things ADD COLUMN x INT64; COMMIT TRANSACTION",
  );
  expect(inside.status.errorResult).toMatchObject({ message: expect.stringContaining("DDL") });
  for (let nth = 0; nth < 3; nth++)
    await script(place.client, `ALTER TABLE raw.things ADD COLUMN c${nth} INT64`);
  const sixth = await script(place.client, "ALTER TABLE raw.things ADD COLUMN c INT64");
  expect(sixth.status.errorResult).toMatchObject({ reason: "rateLimitExceeded" });
});

test("what fails outside of a transaction keeps what ran before it; a handler may roll back and raise again", async () => {
  await using place = await shop();
  const bare = await script(place.client, "INSERT INTO raw.stage (id) VALUES (4); SELECT ERROR('no')");
  expect(bare.status.errorResult?.reason).toBe("invalidQuery");
  const handled = await script(
    place.client,
    `BEGIN
       BEGIN TRANSACTION;
       DELETE FROM raw.stage WHERE TRUE;
       RAISE USING MESSAGE = 'stop here';
     EXCEPTION WHEN ERROR THEN
       ROLLBACK TRANSACTION;
       INSERT INTO raw.stage (name) VALUES (@@error.message);
       RAISE;
     END`,
  );
  expect(handled.status.errorResult?.message).toBe("stop here");
  expect(
    (await place.client.query("SELECT id, name FROM raw.stage WHERE id IS NULL OR id > 2 ORDER BY id"))[0],
  ).toEqual([
    { id: null, name: "stop here" },
    { id: 3, name: "\\n" },
    { id: 4, name: null },
  ]);
});
