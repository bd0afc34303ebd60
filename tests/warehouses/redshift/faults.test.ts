import { Socket } from "node:net";
import { Client } from "pg";
import { expect, test } from "vitest";
import { refusal, rowsOf } from "./test-queries.ts";
import { sharedRedshift } from "./test-redshift.ts";

const shared = sharedRedshift();

test("a client that is killed in a statement leaves no lock and no row", async () => {
  await shared.client.query("CREATE TABLE raw.t (id int)");
  const socket = new Socket();
  const killed = new Client({ ...shared.redshift.connection, stream: () => socket });
  killed.on("error", () => undefined);
  await killed.connect();
  await killed.query("BEGIN");
  await killed.query("LOCK TABLE raw.t");
  await killed.query("INSERT INTO raw.t VALUES (1)");
  const unheard = refusal(killed.query("SELECT pg_sleep(100)"));
  socket.destroy();
  await unheard;
  expect(await rowsOf(shared.client, "SELECT count(*)::int FROM raw.t")).toEqual([[0]]);
});

test("a fault before a statement undoes the transaction, one after COMMIT leaves it done and untold", async () => {
  await shared.client.query("CREATE TABLE raw.t (id int)");
  shared.redshift.inject({ match: /^COMMIT/, when: "before", effect: "reset" });
  await shared.client.query("BEGIN");
  await shared.client.query("INSERT INTO raw.t VALUES (1)");
  await refusal(shared.client.query("COMMIT"));
  const second = await shared.connect();
  expect(await rowsOf(second, "SELECT * FROM raw.t")).toEqual([]);
  shared.redshift.inject({ match: /^COMMIT/, when: "after", effect: "reset" });
  await second.query("BEGIN");
  await second.query("INSERT INTO raw.t VALUES ($1)", [2]);
  await refusal(second.query("COMMIT"));
  const third = await shared.connect();
  expect(await rowsOf(third, "SELECT * FROM raw.t")).toEqual([[2]]);
  expect(
    shared.redshift
      .statements()
      .filter(({ outcome }) => outcome === "reset")
      .map(({ sql }) => sql),
  ).toEqual(["COMMIT", "COMMIT"]);
});

test("an injected error comes when its turn is, and aborts the transaction", async () => {
  shared.redshift.inject({
    match: /SELECT 1/,
    when: "before",
    effect: { code: "53100", message: "Disk Full" },
    skip: 1,
  });
  await shared.client.query("BEGIN");
  await shared.client.query("SELECT 1");
  expect(await refusal(shared.client.query("SELECT 1"))).toMatchObject({
    code: "53100",
    message: "Disk Full",
  });
  expect((await refusal(shared.client.query("SELECT 2"))).code).toBe("25P02");
  await shared.client.query("ROLLBACK");
  expect(await rowsOf(shared.client, "SELECT 1, getdate() > '2020-01-01'")).toEqual([[1, true]]);
});
