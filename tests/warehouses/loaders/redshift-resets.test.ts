import { loadRun } from "@spacex-etl/warehouse-loaders";
import { redshiftLoader } from "@spacex-etl/warehouse-loaders/redshift";
import { Client } from "pg";
import { expect, test } from "vitest";
import { everything } from "../harness/tables.ts";
import { SMALL_TABLES, smallRuns } from "../harness/small-runs.ts";
import { refusedWith, sharedScene } from "./redshift-scene.ts";
import { ROLE } from "./redshift-target.ts";

const scene = sharedScene();
let made: ReturnType<typeof smallRuns> | undefined;
const runs = () => (made ??= smallRuns(scene.lake));
const clock = (day: number) => ({ now: () => new Date(Date.UTC(2026, 5, day)) });

/** One of each kind of statement of a load that adds a column, makes a table and changes rows. */
const KINDS: readonly [string, RegExp][] = [
  ["reading the catalog", /pg_attribute/],
  ["reading the ledger", /newest_load/],
  ["making a stage", /^CREATE TEMP TABLE "_stage/],
  ["COPY", /^COPY/],
  ["counting what was copied", /pg_last_copy_count/],
  ["checking the stages", /duplicate_keys/],
  ["BEGIN", /^BEGIN/],
  ["LOCK", /^LOCK/],
  ["asserting the ledger", /AS holds/],
  ["CREATE TABLE", /^CREATE TABLE/],
  ["ALTER TABLE", /^ALTER TABLE/],
  ["finding changes", /^CREATE TEMP TABLE "_changes/],
  ["DELETE", /^DELETE/],
  ["INSERT", /^INSERT/],
  ["UPDATE", /^UPDATE/],
  ["DROP of the changes", /^DROP TABLE "_changes/],
  ["the ledger row", /^INSERT INTO "[^"]*"\."_loads"/],
];

test.each(
  KINDS.flatMap(([name, match]) => (["before", "after"] as const).map((when) => ({ name, match, when }))),
)(
  "the connection is reset $when $name: nothing is changed, and a rerun loads it once",
  async ({ match, when }) => {
    const { first, second } = await runs();
    await scene.load(first, {}, clock(1));
    const before = await everything(scene.target, SMALL_TABLES);
    scene.targets.redshift.inject({ match, when, effect: "reset" });
    const error = await refusedWith(scene.load(second, {}, clock(2)), "WAREHOUSE_UNREACHABLE", 8);
    expect(error.retryable).toBe(true);
    expect(await everything(scene.target, SMALL_TABLES)).toEqual(before);
    expect((await scene.load(second, {}, clock(2))).outcome).toBe("loaded");
    expect(await everything(scene.target, SMALL_TABLES)).toEqual(await undisturbed());
  },
);

test("the connection is reset before COMMIT: the ledger says that nothing was committed", async () => {
  const { first, second } = await runs();
  await scene.load(first, {}, clock(1));
  const before = await everything(scene.target, SMALL_TABLES);
  scene.targets.redshift.inject({ match: /^COMMIT/, when: "before", effect: "reset" });
  await refusedWith(scene.load(second, {}, clock(2)), "WAREHOUSE_UNREACHABLE", 8);
  expect(scene.statements().filter((sql) => sql.startsWith("COMMIT"))).toHaveLength(1);
  expect(await everything(scene.target, SMALL_TABLES)).toEqual(before);
  expect((await scene.load(second, {}, clock(2))).outcome).toBe("loaded");
});

test("the answer to COMMIT is lost: the load knows from the ledger that it was committed, and does nothing twice", async () => {
  const { first, second } = await runs();
  await scene.load(first, {}, clock(1));
  scene.targets.redshift.inject({ match: /^COMMIT/, when: "after", effect: "reset" });
  const report = await scene.load(second, {}, clock(2));
  expect(report).toMatchObject({ outcome: "loaded", loadedAt: "2026-06-02T00:00:00.000000Z" });
  expect(scene.statements().filter((sql) => sql.startsWith("COMMIT"))).toHaveLength(1);
  expect(await everything(scene.target, SMALL_TABLES)).toEqual(await undisturbed());
  expect((await scene.load(second, {}, clock(2))).outcome).toBe("already-loaded");
});

test("with a client that cannot be replaced, what became of COMMIT is not known, and the next run says it", async () => {
  const { first } = await runs();
  const client = new Client(scene.targets.redshift.connection);
  await client.connect();
  const { schema, manifests } = scene.target;
  await using loader = redshiftLoader({ client, schema, manifests, iamRole: ROLE });
  scene.targets.redshift.inject({ match: /^COMMIT/, when: "after", effect: "reset" });
  const error = await refusedWith(loadRun(loader, first), "COMMIT_UNKNOWN", 8);
  expect(error.retryable).toBe(true);
  expect((await scene.load(first)).outcome).toBe("already-loaded");
});

test("the connection is lost right after COMMIT was answered: the load is known to be committed", async () => {
  const { first, second } = await runs();
  await scene.load(first, {}, clock(1));
  // The first reading of the ledger is that of the plan.
  scene.targets.redshift.inject({ match: /newest_load/, when: "before", effect: "reset", skip: 1 });
  expect((await scene.load(second, {}, clock(2))).outcome).toBe("loaded");
  expect(scene.statements().filter((sql) => sql.startsWith("COMMIT"))).toHaveLength(1);
  expect(await everything(scene.target, SMALL_TABLES)).toEqual(await undisturbed());
});

test("what became of COMMIT cannot be found out: no transaction stays open on the loader's connection", async () => {
  const { first } = await runs();
  await using loader = redshiftLoader(scene.target.options);
  const refused = { code: "XX000", message: "Assert" };
  scene.targets.redshift.inject({ match: /^COMMIT/, when: "before", effect: "reset" });
  scene.targets.redshift.inject({ match: /^LOCK/, when: "after", effect: refused, skip: 1 });
  await refusedWith(loadRun(loader, first), "COMMIT_UNKNOWN", 8);
  expect((await loadRun(loader, first)).outcome).toBe("loaded");
});

test("a ROLLBACK that is refused ends the connection, and with it the transaction", async () => {
  const { first } = await runs();
  await using loader = redshiftLoader(scene.target.options);
  const refused = { code: "XX000", message: "Assert" };
  scene.targets.redshift.inject({ match: /AS holds/, when: "before", effect: refused });
  scene.targets.redshift.inject({ match: /^ROLLBACK/, when: "before", effect: refused });
  await refusedWith(loadRun(loader, first), "WAREHOUSE_REFUSED", 8);
  expect((await loadRun(loader, first)).outcome).toBe("loaded");
});

test("a serializable conflict is tried again on the same stages, but not for ever", async () => {
  const { first, second } = await runs();
  const copies = () => scene.statements().filter((sql) => sql.startsWith("COPY"));
  const filled = (request: typeof first) =>
    request.collections.flatMap(({ tables }) => tables).filter(({ rows }) => rows > 0);
  const conflict = { code: "XX000", message: "1023" };
  const match = new RegExp(`^INSERT INTO "${scene.target.schema}"\\."_loads"`);
  scene.targets.redshift.inject({ match, when: "before", effect: conflict, times: 2 });
  expect((await scene.load(first)).outcome).toBe("loaded");
  expect(scene.statements().filter((sql) => sql.startsWith("BEGIN"))).toHaveLength(3);
  expect(copies()).toHaveLength(filled(first).length);
  scene.targets.redshift.inject({ match, when: "before", effect: conflict, times: 6 });
  const quick = { conflictPauseMs: 1 };
  const error = await refusedWith(scene.load(second, {}, quick), "WAREHOUSE_CONFLICT", 5);
  expect(error.retryable).toBe(true);
  expect(copies()).toHaveLength(filled(second).length);
  expect(await scene.target.read("_loads")).toHaveLength(1);
});

test("a signal ends the wait after a conflict", async () => {
  const { first } = await runs();
  const controller = new AbortController();
  const conflict = { code: "XX000", message: "1023" };
  scene.targets.redshift.inject({ match: /^LOCK/, when: "before", effect: conflict });
  const load = scene.load(
    first,
    {
      signal: controller.signal,
      checkpoint: (name) => {
        if (name === "load.apply") setTimeout(() => controller.abort(), 300);
      },
    },
    { conflictPauseMs: 3_600_000 },
  );
  await refusedWith(load, "LOAD_ABORTED", 130);
});

test("stages that were on a lost connection are not looked for on another", async () => {
  const { first } = await runs();
  const lost = scene.load(first, {
    checkpoint: (name) => {
      if (name === "load.reconcile")
        scene.targets.redshift.inject({ match: /duplicate_keys/, when: "before", effect: "reset" });
    },
  });
  await refusedWith(lost, "WAREHOUSE_UNREACHABLE", 8);
  expect(await scene.target.read("_loads")).toEqual([]);
});

let known: ReturnType<typeof everything> | undefined;

/** What both runs leave, each loaded at its clock and by nobody disturbed. */
async function undisturbed() {
  known ??= (async () => {
    const target = scene.targets.open();
    const { first, second } = await runs();
    await scene.load(first, {}, { ...target.options, ...clock(1) });
    await scene.load(second, {}, { ...target.options, ...clock(2) });
    return await everything(target, SMALL_TABLES);
  })();
  return await known;
}
