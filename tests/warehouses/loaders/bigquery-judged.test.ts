import { bigqueryLoader } from "@spacex-etl/warehouse-loaders/bigquery";
import { loadRun } from "@spacex-etl/warehouse-loaders";
import { requestOf, TestLake } from "@spacex-etl/warehouse-loaders/testing";
import { defineTables } from "@spacex-etl/contracts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { startFakeGcs, type TestServer } from "../../servers/index.ts";
import { type Analyzer, type JudgedTable, startAnalyzer } from "../googlesql/index.ts";
import { namedRecord, renamed } from "../harness/odd-collection.ts";
import { type BigQueryTarget, DATASET, makeBucket, openBigQueryTarget, PROJECT } from "./bigquery-target.ts";

let gcs: TestServer;
let analyzer: Analyzer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "judged-"));
  [gcs, analyzer] = await Promise.all([startFakeGcs(), startAnalyzer()]);
  await makeBucket(gcs);
});

afterAll(async () => {
  await Promise.all([gcs.close(), analyzer.close(), rm(folder, { recursive: true, force: true })]);
});

const item = z.object({
  id: z.string().meta({ description: 'It\'s a "key" with \\ and `ticks`\nand lines' }),
  made: z.iso.datetime().nullable(),
  day: z.iso.date().nullable(),
  price: z.number(),
  pieces: z.int().nullable(),
  sold: z.boolean(),
  tags: z.array(z.object({ name: z.string(), marks: z.array(z.int()) })),
});
const items = defineTables({ collection: "items", schema: item });
const wider = defineTables({
  collection: "items",
  schema: item.extend({ note: z.string().nullable(), more: z.array(z.string()) }).omit({ sold: true }),
});
const numbered = defineTables({
  collection: "numbered",
  schema: z.object({ id: z.int(), name: z.string() }),
});

const anItem = (id: string, price = 1) => ({
  id,
  made: "2026-01-01T00:00:00.000001Z",
  day: "2026-01-01",
  price,
  pieces: 1,
  sold: true,
  tags: [{ name: "new", marks: [1, 2] }],
});

test("every text that a loader sends is GoogleSQL on the tables it runs on", async () => {
  await using target = await openBigQueryTarget(gcs);
  await using lake = await TestLake.open(folder, (path, name) => target.publish!(path, name));
  const day = (step: number) => ({ extractedAt: new Date(Date.UTC(2026, 0, step)).toISOString() });
  const names = ["a b", "it's", "naïve", "火箭", "select", "x:y|z#1"];
  const runs = [
    requestOf("first", [await lake.collection(items, [anItem("a"), anItem("b")], day(1))]),
    requestOf("merge", [
      await lake.collection(items, [anItem("a", 2), anItem("c")], {
        ...day(2),
        quarantinedKeys: ["it's \\ `b`\n"],
      }),
      await lake.collection(numbered, [{ id: 1, name: "one" }], day(2)),
    ]),
    requestOf(
      "wider",
      [
        await lake.collection(wider, [{ ...anItem("a", 2), note: null, more: ["x"] }], {
          ...day(3),
          quarantinedKeys: null,
        }),
        await lake.collection(numbered, [], { ...day(3), quarantinedKeys: ["7"] }),
      ],
      { allowDeletes: true },
    ),
    requestOf("hostile", [await lake.collection(renamed(names), [namedRecord("a", names, "value")], day(4))]),
    requestOf("hostile-again", [
      await lake.collection(renamed(names), [namedRecord("b", names, "other")], day(5)),
    ]),
    requestOf("none", []),
  ];
  for (const request of runs) await loadAndJudge(target, request);

  await target.execute(`DELETE FROM ${target.name("items__tags")} WHERE TRUE`);
  const again = await lake.collection(wider, [{ ...anItem("a", 3), note: "n", more: [] }], day(6));
  const rebuilt = await loadAndJudge(target, requestOf("rebuild", [again]));
  expect(rebuilt).toContainEqual(expect.stringMatching(/^DELETE FROM .*items` WHERE `id`/));
});

/** Collections of the runs so far. */
const loaded = new Set<string>();

/** Loads a run, and asks the analyzer about every query that the service saw. */
async function loadAndJudge(
  target: BigQueryTarget,
  request: ReturnType<typeof requestOf>,
): Promise<string[]> {
  for (const { name } of request.collections) loaded.add(name);
  const before = await tablesOf(target);
  const seen = new Set(target.server.jobs().map(({ jobId }) => jobId));
  const options = target.options({
    labels: { team: "it-s" },
    kmsKey: "projects/p/locations/eu/keyRings/r/cryptoKeys/k",
    partitionBy: Object.fromEntries(
      Object.entries({ items: "made", numbered: "_loaded_at" }).filter(([table]) => loaded.has(table)),
    ),
  });
  const probes: string[] = [];
  target.server.hooks.beforeRequest = ({ text }) => {
    const { dryRun, query } = (text === "" ? {} : JSON.parse(text)) as { dryRun?: boolean; query: string };
    if (dryRun === true) probes.push(query);
    return Promise.resolve();
  };
  const planned: string[] = [];
  let during: readonly JudgedTable[] = [];
  {
    await using loader = bigqueryLoader(options);
    planned.push(...(await loader.preflight(request)).statements.map(({ sql }) => sql));
    await loadRun(loader, request, {
      checkpoint: async (name) => {
        if (name === "load.apply") during = await tablesOf(target);
      },
    });
    await loader.transformState();
    await loader.recordTransform({
      projectSha256: "it's",
      runId: request.runId,
      changedAt: null,
      finishedAt: "2026-01-01T00:00:00.000Z",
    });
    await loader.check();
  }
  expect(probes).toHaveLength(2);
  for (const sql of probes) {
    const tables = await tablesOf(target);
    expect(await analyzer.judge({ sql, tables, parameters: [] }), sql).toEqual({ ok: true });
  }
  const jobs = target.server
    .jobs()
    .filter(({ jobId, parentJobId }) => !seen.has(jobId) && parentJobId === null);
  for (const { jobId, configuration } of jobs) {
    const { query } = configuration as { query?: { query: string } };
    if (query === undefined) continue;
    const schema = jobId.includes("_schema_");
    const verdict = await analyzer.judge({
      sql: query.query,
      parameters: [{ name: "clock", type: "TIMESTAMP" }],
      tables: [...(schema ? before : during), ...CATALOG],
    });
    expect(verdict, `${request.runId}: ${query.query}`).toEqual({ ok: true });
  }
  return planned;
}

const CATALOG: readonly JudgedTable[] = [
  {
    name: `${PROJECT}.${DATASET}.INFORMATION_SCHEMA.TABLES`,
    columns: ["table_name", "table_type"].map((name) => ({ name, type: "STRING" })),
  },
  {
    name: `${PROJECT}.${DATASET}.INFORMATION_SCHEMA.COLUMNS`,
    columns: [
      ...["table_name", "column_name", "data_type", "is_nullable"].map((name) => ({ name, type: "STRING" })),
      { name: "ordinal_position", type: "INT64" },
    ],
  },
];

async function tablesOf({ server }: BigQueryTarget): Promise<JudgedTable[]> {
  const base = `${server.endpoint}/bigquery/v2/projects/${PROJECT}/datasets/${DATASET}/tables`;
  const listed = await fetch(base);
  if (listed.status === 404) return [];
  const { tables = [] } = (await listed.json()) as { tables?: { tableReference: { tableId: string } }[] };
  return Promise.all(
    tables.map(async ({ tableReference: { tableId } }) => {
      const table = (await (await fetch(`${base}/${encodeURIComponent(tableId)}`)).json()) as {
        schema: { fields: JudgedTable["columns"] };
      };
      return { name: `${PROJECT}.${DATASET}.${tableId}`, columns: table.schema.fields };
    }),
  );
}
