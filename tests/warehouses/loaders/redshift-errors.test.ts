import { setTimeout as sleep } from "node:timers/promises";
import type { LoadRequest } from "@spacex-etl/warehouse-loaders";
import { requestOf } from "@spacex-etl/warehouse-loaders/testing";
import { Client } from "pg";
import { expect, test } from "vitest";
import { notes, notesOf, refusedWith, sharedScene } from "./redshift-scene.ts";

const scene = sharedScene();

/** The request with another first part. */
function withPart(request: LoadRequest, change: object): LoadRequest {
  const collections = request.collections.map((collection) => ({
    ...collection,
    tables: collection.tables.map((table) => ({
      ...table,
      parts: table.parts.map((part) => ({ ...part, ...change })),
    })),
  }));
  return { ...request, collections };
}

test.each([
  ["the disk is full", /^COPY/, "53100", "Disk Full", "WAREHOUSE_DISK_FULL", 8, true],
  [
    "the disk is full, in Redshift's words",
    /^INSERT/,
    "XX000",
    "Disk Full\nDETAIL: node 1",
    "WAREHOUSE_DISK_FULL",
    8,
    true,
  ],
  [
    "a statement is cancelled",
    /^COPY/,
    "57014",
    "canceling statement due to user request",
    "JOB_CANCELLED",
    8,
    true,
  ],
  [
    "a monitoring rule cancels",
    /^INSERT/,
    "XX000",
    'Query (42) cancelled by WLM abort action of Query Monitoring Rule "long".',
    "JOB_CANCELLED",
    8,
    true,
  ],
  [
    "the cluster restarts",
    /^COPY/,
    "57P01",
    "terminating connection due to administrator command",
    "WAREHOUSE_UNREACHABLE",
    8,
    true,
  ],
  [
    "permission is missing",
    /^CREATE TEMP/,
    "42501",
    "permission denied for schema raw",
    "WAREHOUSE_FORBIDDEN",
    3,
    false,
  ],
  [
    "S3 refuses the role",
    /^COPY/,
    "XX000",
    "S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 0",
    "WAREHOUSE_ROLE",
    3,
    false,
  ],
  [
    "the bucket is elsewhere",
    /^COPY/,
    "XX000",
    "S3ServiceException:The S3 bucket addressed by the query is in a different region from this cluster.,Status 301",
    "WAREHOUSE_LOCATION",
    2,
    false,
  ],
  [
    "S3 is asked too much",
    /^COPY/,
    "XX000",
    "S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid 0",
    "LAKE_UNREADABLE",
    8,
    true,
  ],
  ["COPY fails before it reads a file", /^COPY/, "XX000", "Assert", "WAREHOUSE_REFUSED", 8, false],
  ["no connection is left", /^SELECT/, "53300", "too many connections", "WAREHOUSE_QUOTA", 5, true],
])("%s", async (_, match, code, message, expected, exitCode, retryable) => {
  const request = await notesOf(scene.lake, "a");
  scene.targets.redshift.inject({ match, when: "before", effect: { code, message } });
  const error = await refusedWith(scene.load(request), expected, exitCode);
  expect(error.retryable).toBe(retryable);
  expect(error.message).toContain(message.split("\n")[0]);
  expect(await scene.target.read("notes")).toEqual([]);
  expect((await scene.load(request)).outcome).toBe("loaded");
});

test("a role that Redshift may not assume is named, with the trust that it needs", async () => {
  const role = "arn:aws:iam::000000000000:role/other";
  const error = await refusedWith(
    scene.load(await notesOf(scene.lake, "a"), {}, { iamRole: role }),
    "WAREHOUSE_ROLE",
    3,
  );
  expect(error.message).toContain(role);
  expect(error.hint).toContain("redshift.amazonaws.com");
});

test("a value with more bytes than its column is named, however many characters it has; the widest fits", async () => {
  const change = { varcharBytes: { "notes.body": 10 } };
  const error = await refusedWith(
    scene.load(await notesOf(scene.lake, "short", "é".repeat(6)), {}, change),
    "VALUE_TOO_LONG",
    7,
  );
  expect(error.message).toMatch(/notes\.body has 12 bytes, but the column holds 10/);
  expect(error.message).toContain(".parquet");
  expect(error.hint).toMatch(/ALTER TABLE "raw_\d+"\."notes" ALTER COLUMN "body" TYPE VARCHAR\(65535\)/);
  expect((await scene.load(await notesOf(scene.lake, "é".repeat(5)), {}, change)).outcome).toBe("loaded");
  // The table is there now: its width counts, whatever the options say.
  const next = { ...(await notesOf(scene.lake, "é".repeat(6))), runId: "r2" };
  await refusedWith(scene.load(next), "VALUE_TOO_LONG", 7);
});

test("a text beyond Redshift's longest is refused, and says that no column is wider", async () => {
  const error = await refusedWith(
    scene.load(await notesOf(scene.lake, "é".repeat(32_768))),
    "VALUE_TOO_LONG",
    7,
  );
  expect(error.message).toContain("has 65536 bytes, but the column holds 65535");
  expect(error.hint).toContain("no longer text than 65535 bytes");
  expect((await scene.load(await notesOf(scene.lake, `é${"x".repeat(65_533)}`))).outcome).toBe("loaded");
});

test("a Parquet file that does not fit: file, column and reason", async () => {
  const [table] = notes.tables;
  const narrow = await scene.lake.generated(notes, {
    [table!.name]: "SELECT 'a' AS id, 'b' AS body, 1::INTEGER AS stars, 'h' AS _row_hash",
  });
  const mistyped = await refusedWith(scene.load(requestOf("r1", [narrow])), "PART_MISMATCH", 10);
  expect(mistyped.message).toMatch(/s3:\/\/lake\/.*\.parquet, column stars: .*incompatible Parquet schema/);
  const missing = await scene.lake.generated(notes, {
    [table!.name]: "SELECT 'a' AS id, 'b' AS body, 'h' AS _row_hash",
  });
  const short = await refusedWith(scene.load(requestOf("r1", [missing])), "PART_MISMATCH", 10);
  expect(short.message).toContain("Unmatched number of columns");

  const request = await notesOf(scene.lake, "a");
  const [part] = request.collections[0]!.tables[0]!.parts;
  const resized = await refusedWith(
    scene.load(withPart(request, { bytes: part!.bytes + 1 })),
    "PART_MISMATCH",
    10,
  );
  expect(resized.message).toContain("content_length");
  const gone = withPart(request, { uri: `${part!.uri}-gone` });
  expect((await refusedWith(scene.load(gone), "PART_MISSING", 10)).message).toContain("-gone");
});

test("a load that fails drops its stages and no table of that name", async () => {
  const { query, schema } = scene.target;
  const bystander = "public._stage_notes";
  await query(`CREATE TABLE ${bystander} (id INTEGER)`);
  try {
    const request = await notesOf(scene.lake, "a");
    for (const match of [/^CREATE TEMP TABLE "_stage_notes"/, /^COPY/, /duplicate_keys/, /AS holds/]) {
      scene.targets.redshift.inject({ match, when: "before", effect: { code: "XX000", message: "Assert" } });
      await refusedWith(scene.load(request), "WAREHOUSE_REFUSED", 8);
      expect(await query(`SELECT * FROM ${bystander}`), String(match)).toEqual([]);
    }
    expect((await scene.load(request)).outcome).toBe("loaded");
    expect(await query(`SELECT * FROM ${bystander}`)).toEqual([]);
    expect(await query(`SELECT id FROM "${schema}"."notes"`)).toEqual([{ id: "n0" }]);
  } finally {
    await query(`DROP TABLE IF EXISTS ${bystander}`);
  }
});

test("a signal ends the wait for another's lock, and leaves everything as it was", async () => {
  await scene.load(await notesOf(scene.lake, "a"));
  const holder = new Client(scene.targets.redshift.connection);
  await holder.connect();
  try {
    await holder.query("BEGIN");
    await holder.query(`LOCK TABLE "${scene.target.schema}"."_lock"`);
    const controller = new AbortController();
    const next = { ...(await notesOf(scene.lake, "b")), runId: "r2" };
    const stopped = refusedWith(scene.load(next, { signal: controller.signal }), "LOAD_ABORTED", 130);
    const waits = () =>
      scene.targets.redshift
        .statements()
        .some(({ sql, outcome }) => sql.startsWith("LOCK") && outcome === "running");
    for (let turn = 0; turn < 500 && !waits(); turn += 1) await sleep(20);
    controller.abort();
    await stopped;
    const late = { statementTimeoutMs: 300 };
    await refusedWith(scene.load(next, {}, late), "JOB_CANCELLED", 8);
  } finally {
    await holder.end();
  }
  expect(await scene.target.read("notes")).toMatchObject([{ body: "a" }]);
});
