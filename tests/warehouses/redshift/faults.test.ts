import { Socket } from "node:net";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type RedshiftStandIn, startRedshift } from "./index.ts";
import { refusal, rowsOf } from "./test-queries.ts";

let redshift: RedshiftStandIn;
let client: Client;
const open: Client[] = [];

async function connect(): Promise<Client> {
  const made = new Client(redshift.connection);
  // A reset is seen where its query fails.
  made.on("error", () => undefined);
  await made.connect();
  open.push(made);
  return made;
}

beforeAll(async () => {
  redshift = await startRedshift({
    s3: {
      endpoint: "http://127.0.0.1:1",
      region: "us-east-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    },
    roles: [],
  });
});
afterAll(async () => await redshift?.close());
beforeEach(async () => {
  client = await connect();
  await client.query("DROP SCHEMA IF EXISTS raw CASCADE");
  await client.query("CREATE SCHEMA raw");
  redshift.forget();
});
afterEach(async () => {
  for (const made of open.splice(0)) await made.end().catch(() => undefined);
});

test("a client that is killed in a statement leaves no lock and no row", async () => {
  await client.query("CREATE TABLE raw.t (id int)");
  const socket = new Socket();
  const killed = new Client({ ...redshift.connection, stream: () => socket });
  killed.on("error", () => undefined);
  await killed.connect();
  await killed.query("BEGIN");
  await killed.query("LOCK TABLE raw.t");
  await killed.query("INSERT INTO raw.t VALUES (1)");
  const unheard = refusal(killed.query("SELECT pg_sleep(100)"));
  socket.destroy();
  await unheard;
  expect(await rowsOf(client, "SELECT count(*)::int FROM raw.t")).toEqual([[0]]);
});

test("a fault before a statement undoes the transaction, one after COMMIT leaves it done and untold", async () => {
  await client.query("CREATE TABLE raw.t (id int)");
  redshift.inject({ match: /^COMMIT/, when: "before", effect: "reset" });
  await client.query("BEGIN");
  await client.query("INSERT INTO raw.t VALUES (1)");
  await refusal(client.query("COMMIT"));
  const second = await connect();
  expect(await rowsOf(second, "SELECT * FROM raw.t")).toEqual([]);
  redshift.inject({ match: /^COMMIT/, when: "after", effect: "reset" });
  await second.query("BEGIN");
  await second.query("INSERT INTO raw.t VALUES ($1)", [2]);
  await refusal(second.query("COMMIT"));
  const third = await connect();
  expect(await rowsOf(third, "SELECT * FROM raw.t")).toEqual([[2]]);
  expect(
    redshift
      .statements()
      .filter(({ outcome }) => outcome === "reset")
      .map(({ sql }) => sql),
  ).toEqual(["COMMIT", "COMMIT"]);
});

test("an injected error comes when its turn is, and aborts the transaction", async () => {
  redshift.inject({
    match: /SELECT 1/,
    when: "before",
    effect: { code: "53100", message: "Disk Full" },
    skip: 1,
  });
  await client.query("BEGIN");
  await client.query("SELECT 1");
  expect(await refusal(client.query("SELECT 1"))).toMatchObject({ code: "53100", message: "Disk Full" });
  expect((await refusal(client.query("SELECT 2"))).code).toBe("25P02");
  await client.query("ROLLBACK");
  expect(await rowsOf(client, "SELECT 1, getdate() > '2020-01-01'")).toEqual([[1, true]]);
});
