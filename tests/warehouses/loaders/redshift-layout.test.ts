import { lakeColumns } from "@spacex-etl/contracts";
import { redshiftLoader, type RedshiftLoaderOptions } from "@spacex-etl/warehouse-loaders/redshift";
import { expect, test } from "vitest";
import { smallRuns } from "../harness/small-runs.ts";
import { refusedWith, sharedScene } from "./redshift-scene.ts";

const scene = sharedScene();

test("tables lie and are sorted by their keys, or as the options say", async () => {
  const { first } = await smallRuns(scene.lake);
  const { schema } = scene.target;
  const columns = lakeColumns(first.collections[0]!.tables[1]!.spec).map(({ name }) => name);
  expect(columns).toContain("port");
  await scene.load(
    first,
    {},
    {
      distribution: { flights__legs: "even" },
      sortKeys: { flights__legs: ["left_at", "port"] },
      varcharBytes: { "flights.id": 7 },
    },
  );
  const of = (table: string) => scene.targets.redshift.attributesOf(schema, table);
  expect(await of("flights")).toMatchObject({ distStyle: "key", distKey: "id", sortKeys: ["id"] });
  expect(await of("flights__legs")).toMatchObject({ distStyle: "even", sortKeys: ["left_at", "port"] });
  expect(await of("flights__legs__crew")).toMatchObject({ distKey: "_parent_id" });
  const [width] = await scene.target.query(
    `SELECT character_maximum_length AS bytes FROM information_schema.columns WHERE table_schema = '${schema}' AND table_name = 'flights' AND column_name = 'id'`,
  );
  expect(width).toEqual({ bytes: 7 });
  await refusedWith(
    scene.load(
      { ...first, runId: "again", manifestSha256: "e".repeat(64) },
      {},
      { schema: `${schema}_b`, sortKeys: { flights: ["none"] } },
    ),
    "LOADER_OPTIONS",
    2,
  );
});

test("a column that does not exist is refused, an unknown table is told; one of an earlier run may be named", async () => {
  const { first } = await smallRuns(scene.lake);
  const refused = scene.load(first, {}, { varcharBytes: { "flights.none": 9 } });
  expect((await refusedWith(refused, "LOADER_OPTIONS", 2)).message).toContain(
    "varcharBytes names flights.none,",
  );
  const told = async (change: Partial<RedshiftLoaderOptions>) => {
    await using loader = redshiftLoader({ ...scene.target.options, ...change } as RedshiftLoaderOptions);
    return (await loader.preflight(first)).warnings.map(({ code, message }) => `${code} ${message}`);
  };
  expect(await told({ distribution: { flight: "even" } })).toEqual([
    expect.stringMatching(/^OPTION_UNUSED distribution names flight:/),
  ]);
  expect(await told({ sortKeys: { "flights.id": [] } })).toEqual([
    expect.stringContaining("sortKeys names flights.id:"),
  ]);
  expect(await told({ varcharBytes: { fligths: 9 } })).toEqual([
    expect.stringContaining("varcharBytes names fligths:"),
  ]);
  expect(await told({ varcharBytes: { "flights.id": 20, _loads: 65_535 } })).toEqual([]);
  expect(scene.statements().filter((sql) => /^(?:COPY|CREATE)/.test(sql))).toEqual([]);
  await scene.load(first);
  const change = {
    distribution: { flights: "even" },
    varcharBytes: { "flights.id": 20, _loads: 65_535 },
  } as const;
  const next = { ...(await smallRuns(scene.lake)).second, runId: "later" };
  const later = { ...next, collections: next.collections.filter(({ name }) => name !== "flights") };
  expect(later.collections).not.toHaveLength(next.collections.length);
  expect((await scene.load(later, {}, change)).outcome).toBe("loaded");
});
