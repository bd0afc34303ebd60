import { redshiftLoader } from "@spacex-etl/warehouse-loaders/redshift";
import { expect, test } from "vitest";
import { notesOf, refusedWith, sharedScene } from "./redshift-scene.ts";

const GUEST = { user: 'gu"est', password: "guest-password" };
const scene = sharedScene({ users: [GUEST] });

test("check names the missing grants, writes nothing, and passes with them", async () => {
  const { schema, options, query } = scene.target;
  const guest = { ...options, ...GUEST, schema } as typeof options;
  const check = async () => {
    await using loader = redshiftLoader(guest);
    await loader.check();
  };
  const name = `"gu""est"`;
  const first = await refusedWith(check(), "WAREHOUSE_FORBIDDEN", 3);
  expect(first.hint).toContain(`GRANT CREATE ON DATABASE "dev" TO ${name};`);
  await query(`CREATE SCHEMA "${schema}"`);
  const second = await refusedWith(check(), "WAREHOUSE_FORBIDDEN", 3);
  expect(second.hint).toContain(`GRANT USAGE, CREATE ON SCHEMA "${schema}" TO ${name};`);
  await query(`GRANT USAGE, CREATE ON SCHEMA "${schema}" TO ${name}`);
  await check();
  const request = await notesOf(scene.lake, "a");
  await scene.load(request);
  const third = await refusedWith(check(), "WAREHOUSE_FORBIDDEN", 3);
  expect(third.hint).toContain(`GRANT SELECT, INSERT ON "${schema}"."_loads" TO ${name};`);
  const next = { ...request, runId: "r2", manifestSha256: "e".repeat(64) };
  await refusedWith(scene.load(next, {}, GUEST), "WAREHOUSE_FORBIDDEN", 3);
  // The loader's own tables are granted: those of the collections are named then, before anything is copied.
  const all = `SELECT, INSERT, UPDATE, DELETE ON "${schema}"`;
  for (const table of ["_loads", "_tables", "_transforms", "_lock"])
    await query(`GRANT ${all}."${table}" TO ${name}`);
  const fourth = await refusedWith(check(), "WAREHOUSE_FORBIDDEN", 3);
  expect(fourth.details?.["missing"]).toEqual([`GRANT ${all}."notes" TO ${name};`]);
  const changed = { ...(await notesOf(scene.lake, "b")), runId: "r2" };
  const unread = await refusedWith(scene.load(changed, {}, GUEST), "WAREHOUSE_FORBIDDEN", 3);
  expect(unread.hint).toContain(`GRANT ${all}."notes" TO ${name};`);
  await query(`GRANT SELECT ON "${schema}"."notes" TO ${name}`);
  const unwritten = await refusedWith(scene.load(changed, {}, GUEST), "WAREHOUSE_FORBIDDEN", 3);
  expect(unwritten.hint).toContain(`GRANT INSERT, UPDATE, DELETE ON "${schema}"."notes" TO ${name};`);
  expect(scene.statements().filter((sql) => sql.startsWith("COPY"))).toEqual([]);
  expect(await scene.target.read("_loads")).toHaveLength(1);
  await query(`GRANT ${all}."notes" TO ${name}`);
  await check();
  expect((await scene.load(changed, {}, GUEST)).outcome).toBe("loaded");
  // A column is added by an owner only.
  await query(`ALTER TABLE "${schema}"."notes" DROP COLUMN "stars"`);
  const wider = { ...(await notesOf(scene.lake, "c")), runId: "r3", manifestSha256: "f".repeat(64) };
  const foreign = await refusedWith(scene.load(wider, {}, GUEST), "WAREHOUSE_FORBIDDEN", 3);
  expect(foreign.hint).toContain(`ALTER TABLE "${schema}"."notes" OWNER TO ${name};`);
  expect(scene.statements().filter((sql) => sql.startsWith("COPY"))).toEqual([]);
});
