import { defineTables } from "@spacex-etl/contracts";
import { type LoadRequest, loadRun } from "@spacex-etl/warehouse-loaders";
import { redshiftLoader } from "@spacex-etl/warehouse-loaders/redshift";
import { requestOf } from "@spacex-etl/warehouse-loaders/testing";
import { Client } from "pg";
import { expect, test } from "vitest";
import { z } from "zod";
import { smallRuns } from "../harness/small-runs.ts";
import { recognise } from "../redshift/index.ts";
import { refusedWith, sharedScene } from "./redshift-scene.ts";
import { ROLE } from "./redshift-target.ts";

const scene = sharedScene();

const notes = defineTables({
  collection: "notes",
  schema: z.object({ id: z.string(), body: z.string().nullable() }),
});
const notesOf = async (...bodies: readonly string[]): Promise<LoadRequest> => {
  const records = bodies.map((body, index) => ({ id: `n${index}`, body }));
  return requestOf("r1", [await scene.lake.collection(notes, records)]);
};

test("what was planned is what runs, and every statement is of Redshift's grammar", async () => {
  const { first, second } = await smallRuns(scene.lake);
  for (const request of [first, second]) {
    // The load's time, which the clock gives, stands in the statements.
    const now = () => new Date("2026-06-01T00:00:00Z");
    await using loader = redshiftLoader({ ...scene.target.options, now });
    const plan = await loader.preflight(request);
    for (const { name, sql } of plan.statements) expect(recognise(sql), name).toMatchObject({ ok: true });
    scene.targets.redshift.forget();
    const passed: string[] = [];
    const report = await loadRun(loader, request, { checkpoint: (name) => void passed.push(name) });
    const ran = scene.statements();
    const planned = plan.statements.map(({ sql }) => sql);
    // In order and to the letter; those with nothing to do are left out.
    const executed = ran.filter((sql) => planned.includes(sql));
    expect(executed).toEqual(planned.filter((sql) => executed.includes(sql)));
    const mine = /^(?:COPY|CREATE|ALTER|INSERT|UPDATE|DELETE|DROP|LOCK|MERGE)/;
    expect(ran.filter((sql) => mine.test(sql) && !planned.includes(sql))).toEqual([]);
    const withRows = request.collections.flatMap(({ tables }) => tables).filter(({ rows }) => rows > 0);
    const copies = ran.filter((sql) => sql.startsWith("COPY"));
    expect(copies).toHaveLength(withRows.length);
    expect(report.jobs).toBe(withRows.length);
    for (const { name, purpose, phase } of plan.statements)
      if (purpose === "stage" && phase === "stage") expect(passed).toContain(`load.${name}`);
  }
});

test("one ALTER for a new column, and nothing but the ledger when nothing changed", async () => {
  const { first, second } = await smallRuns(scene.lake);
  await scene.load(first);
  await scene.load(second);
  const kinds = (pattern: RegExp) => scene.statements().filter((sql) => pattern.test(sql));
  expect(kinds(/^ALTER/)).toHaveLength(1);
  expect(kinds(/^CREATE TABLE/)).toHaveLength(1);
  await scene.load({ ...second, runId: "third", manifestSha256: "e".repeat(64) });
  expect(kinds(/^(?:COPY|ALTER|CREATE|DROP|UPDATE|MERGE)/)).toEqual([]);
  expect(kinds(/^INSERT/)).toHaveLength(2);
  // The same run once more asks and does nothing.
  await scene.load({ ...second, runId: "third", manifestSha256: "e".repeat(64) });
  expect(kinds(/^(?!SELECT|SET)/)).toEqual([]);
});

test("the manifest lists every part with its size, under a name of its content", async () => {
  const { second } = await smallRuns(scene.lake);
  const bodies = new Map<string, string>();
  const { manifests } = scene.target.options;
  const watched = {
    url: manifests.url,
    createIfAbsent: (...[key, body, options]: Parameters<typeof manifests.createIfAbsent>) => {
      bodies.set(key, new TextDecoder().decode(body));
      return manifests.createIfAbsent(key, body, options);
    },
  };
  await scene.load(second, {}, { manifests: watched });
  for (const { spec, parts } of second.collections.flatMap(({ tables }) => tables)) {
    const keys = [...bodies.keys()].filter((key) =>
      new RegExp(`^copy/run=second/${spec.name}-[0-9a-f]{16}\\.manifest$`).test(key),
    );
    expect(keys).toHaveLength(parts.length > 0 ? 1 : 0);
    if (keys[0] === undefined) continue;
    expect(JSON.parse(bodies.get(keys[0]) ?? "")).toEqual({
      entries: parts.map(({ uri, bytes }) => ({
        url: uri,
        mandatory: true,
        meta: { content_length: bytes },
      })),
    });
    expect(scene.statements().filter((sql) => sql.includes(`${manifests.url}/${keys[0]}`))).toHaveLength(1);
  }
});

test("columns of hostile names keep names and values; what Redshift would fold is refused", async () => {
  const names = ["select", `a"b`, "it's; --", "köl\\n", "a b", "火箭", "$1", "x".repeat(127)];
  const spec = defineTables({
    collection: "odd",
    schema: z.object({ id: z.string(), value: z.string() }),
  });
  const made = await scene.lake.collection(spec, [{ id: "a", value: "it's \\ here" }]);
  const renamed = (name: string): LoadRequest => ({
    ...requestOf(`r-${names.indexOf(name) + 1}`, [
      {
        ...made,
        tables: made.tables.map((table) => ({
          ...table,
          spec: {
            ...table.spec,
            columns: table.spec.columns.map((column) =>
              column.name === "value" ? { ...column, name } : column,
            ),
          },
        })),
      },
    ]),
  });
  for (const name of names) {
    const target = scene.targets.open();
    await scene.load(renamed(name), {}, target.options);
    const [row] = await target.query(`SELECT * FROM "${target.schema}".odd`);
    expect(Object.entries(row ?? {}), name).toContainEqual([name, "it's \\ here"]);
  }
  await refusedWith(scene.load(renamed("Folded")), "NAME_UNSUPPORTED", 2);
  await refusedWith(scene.load(renamed("x".repeat(128))), "NAME_UNSUPPORTED", 2);
  for (const name of ["xmin", "oid", "ctid"]) {
    await refusedWith(scene.load(renamed(name)), "NAME_UNSUPPORTED", 2);
    expect(
      scene.statements().filter((sql) => /^(?:COPY|CREATE)/.test(sql)),
      name,
    ).toEqual([]);
  }
});

test("a part that is not in S3 is refused before anything is written", async () => {
  const request = await notesOf("a");
  const [collection] = request.collections;
  const [table] = collection!.tables;
  const local = {
    ...request,
    collections: [
      {
        ...collection!,
        tables: [{ ...table!, parts: table!.parts.map((part) => ({ ...part, uri: "/lake/part.parquet" })) }],
      },
    ],
  };
  await refusedWith(scene.load(local), "PART_URI", 2);
  expect(scene.statements().filter((sql) => !/^(?:SELECT|SET)/.test(sql))).toEqual([]);
});

test("a client of the caller's is used and not ended; one from a function is", async () => {
  const request = await notesOf("a", "b");
  const given = new Client(scene.targets.redshift.connection);
  await given.connect();
  const { schema, manifests } = scene.target;
  const common = { schema, manifests, iamRole: ROLE };
  {
    await using loader = redshiftLoader({ ...common, client: given });
    expect((await loadRun(loader, request)).outcome).toBe("loaded");
  }
  expect((await given.query(`SELECT count(*)::int AS n FROM "${schema}".notes`)).rows).toEqual([{ n: 2 }]);
  await given.end();
  let ended = 0;
  const client = async () => {
    const made = new Client(scene.targets.redshift.connection);
    made.once("end", () => (ended += 1));
    await made.connect();
    return made;
  };
  {
    await using loader = redshiftLoader({ ...common, client });
    expect((await loadRun(loader, request)).outcome).toBe("already-loaded");
  }
  expect(ended).toBe(1);
});

test("temporary credentials are asked for again with each connection", async () => {
  const { host, port, user, password, database } = scene.targets.redshift.connection;
  let asked = 0;
  const { schema, manifests } = scene.target;
  await using loader = redshiftLoader({
    host,
    port,
    database,
    ssl: "disable",
    iamRole: ROLE,
    schema,
    manifests,
    credentials: () => Promise.resolve({ user, password: (asked += 1) > 0 ? password : "" }),
  });
  await loader.check();
  await loader.transformState();
  expect(asked).toBe(1);
  await loader.close();
  await loader.transformState();
  expect(asked).toBe(2);
});
