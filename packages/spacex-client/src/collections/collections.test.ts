import { existsSync, readFileSync } from "node:fs";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { collectionNames, collections } from "../tables/index.ts";
import { definitions, type Launch, type Rocket, schemas, type StarlinkSatellite } from "./index.ts";

const data = new URL("../../../../../shared/data/spacex/", import.meta.url);
const haveData = existsSync(data);
if (!haveData) process.stderr.write("SKIPPED: the recorded data in ../shared/data/spacex are missing\n");

const RECORDED: Readonly<Record<string, number>> = {
  company: 1,
  cores: 73,
  crew: 18,
  landpads: 7,
  launches: 205,
  launchpads: 6,
  payloads: 225,
  roadster: 1,
  rockets: 4,
  starlink: 1445,
};

function recorded(name: string): Record<string, unknown>[] {
  return JSON.parse(readFileSync(new URL(`${name}.json`, data), "utf8")) as Record<string, unknown>[];
}

test.runIf(haveData).each(Object.keys(RECORDED))("every recorded record of %s fits its type", (name) => {
  const { schema } = collections[name as keyof typeof collections];
  const compiled = z.compile<z.ZodType>(schema);
  const records = recorded(name);
  expect(records).toHaveLength(RECORDED[name]!);
  for (const record of records) {
    const result = schema.safeParse(record);
    expect(result.error?.issues ?? [], String(record["id"])).toEqual([]);
    expect(result.data).toEqual(record);
    expect(compiled.validate(record)).toBe(true);
  }
});

test.runIf(haveData)("the schemas know every recorded field", () => {
  for (const name of Object.keys(RECORDED)) {
    const strict = strictly(collections[name as keyof typeof collections].schema);
    for (const record of recorded(name))
      expect(strict.safeParse(record).error?.issues ?? [], name).toEqual([]);
  }
});

test.runIf(haveData)("the compiled check and the plain one agree on damaged records", () => {
  let refused = 0;
  for (const name of Object.keys(RECORDED)) {
    const { schema } = collections[name as keyof typeof collections];
    const compiled = z.compile<z.ZodType>(schema);
    const record = recorded(name).at(-1)!;
    for (const damaged of damages(record)) {
      const valid = schema.safeParse(damaged).success;
      expect(compiled.validate(damaged), `${name} ${JSON.stringify(damaged).slice(0, 200)}`).toBe(valid);
      if (!valid) refused++;
    }
  }
  expect(refused).toBeGreaterThan(500);
});

/** The record with each value in turn missing, null, or of another type. */
function* damages(value: Readonly<Record<string, unknown>>): Generator<Record<string, unknown>> {
  for (const key of Object.keys(value)) {
    const { [key]: inner, ...rest } = value;
    yield rest;
    for (const other of [null, 1.5, "x", true, [], {}, [1], 2 ** 60]) yield { ...value, [key]: other };
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) {
      for (const damaged of damages(inner as Record<string, unknown>)) yield { ...value, [key]: damaged };
    }
    if (Array.isArray(inner) && typeof inner[0] === "object" && inner[0] !== null) {
      for (const damaged of damages(inner[0] as Record<string, unknown>))
        yield { ...value, [key]: [damaged, ...inner.slice(1)] };
    }
  }
}

/** The same schema, refusing fields that it does not know. */
function strictly(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
    return z.strictObject(
      Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, strictly(field)])),
    );
  }
  if (schema instanceof z.ZodArray) return z.array(strictly(schema.element as z.ZodType));
  if (schema instanceof z.ZodNullable) return strictly(schema.unwrap() as z.ZodType).nullable();
  if (schema instanceof z.ZodOptional) return strictly(schema.unwrap() as z.ZodType).optional();
  return schema;
}

test("unknown fields stay in the record, an unknown value of an enum is accepted", () => {
  const { schema } = collections.cores;
  const core = {
    id: "5e9e289df35918033d3b2623",
    serial: "B1099",
    block: 6,
    status: "in a museum",
    reuse_count: 0,
    rtls_attempts: 0,
    rtls_landings: 0,
    asds_attempts: 0,
    asds_landings: 0,
    last_update: null,
    launches: [],
    color: "black",
  };
  expect(schema.parse(core)).toEqual(core);
  expect(schema.safeParse({ ...core, block: 5.5 }).success).toBe(false);
  expect(schema.safeParse({ ...core, id: "" }).success).toBe(false);
});

test("every schema compiles, and every field, table and column is described", () => {
  expect(collectionNames).toEqual([...collectionNames].sort());
  expect(collectionNames).toHaveLength(14);
  for (const name of collectionNames) {
    const { schema, tables, route } = collections[name];
    expect(() => z.compile<z.ZodType>(schema, { strict: true }), name).not.toThrow();
    expect(route).toBe(name === "launches" ? "/v5/launches" : `/v4/${name}`);
    for (const table of tables) {
      expect(table.description, table.name).toMatch(/\.$/);
      for (const column of table.columns)
        expect(column.description, `${table.name}.${column.name}`).toMatch(/\.$/);
    }
    expect(undescribed(schema, name)).toEqual([]);
  }
});

function undescribed(schema: z.ZodType, path: string): string[] {
  const definition = schema.def as {
    innerType?: z.ZodType;
    element?: z.ZodType;
    shape?: Record<string, z.ZodType>;
  };
  if (definition.shape !== undefined) {
    return Object.entries(definition.shape).flatMap(([key, field]) => [
      ...(field.description === undefined ? [`${path}.${key}`] : []),
      ...undescribed(field, `${path}.${key}`),
    ]);
  }
  const inner = definition.innerType ?? definition.element;
  return inner === undefined ? [] : undescribed(inner, path);
}

test("the tables are the documented ones", () => {
  const columns = (table: string): string[] => {
    const found = Object.values(collections).flatMap(({ tables }) =>
      tables.filter(({ name }) => name === table),
    );
    return found.flatMap((spec) => spec.columns.map(({ name, type }) => `${name} ${type}`));
  };
  expect(collections.launches.tables.map(({ name }) => name)).toEqual([
    "launches",
    "launches__failures",
    "launches__fairings_ships",
    "launches__crew",
    "launches__ships",
    "launches__capsules",
    "launches__payloads",
    "launches__cores",
    "launches__links_flickr_small",
    "launches__links_flickr_original",
  ]);
  expect(columns("launches")).toEqual(
    expect.arrayContaining([
      "date_utc timestamp",
      "date_local string",
      "window_sec int64",
      "fairings_reused boolean",
      "links_patch_small string",
    ]),
  );
  expect(columns("starlink")).toEqual(
    expect.arrayContaining([
      "space_track_epoch timestamp",
      "space_track_launch_date date",
      "space_track_decay_date date",
      "space_track_norad_cat_id int64",
      "space_track_decayed int64",
    ]),
  );
  expect(columns("rockets")).toContain("first_stage_thrust_vacuum_kn int64");
  expect(columns("rockets__payload_weights")).toEqual(["id string", "name string", "kg int64", "lb int64"]);
  expect(columns("dragons__thrusters")).toContain("thrust_kn float64");
  expect(columns("company")).toContain("valuation int64");
  expect(
    Object.values(collections)
      .filter(({ single }) => single)
      .map(({ name }) => name),
  ).toEqual(["company", "roadster"]);
});

test("a schema is made once, and is the same at every door", () => {
  for (const name of collectionNames) {
    expect(definitions[name].schema()).toBe(definitions[name].schema());
    expect(schemas[name]).toBe(definitions[name].schema());
    expect(collections[name].schema).toBe(definitions[name].schema());
  }
});

test("types name the fields and keep the literals", () => {
  expectTypeOf<Launch["date_precision"]>().toExtend<string>();
  expectTypeOf<"hour">().toExtend<Launch["date_precision"]>();
  expectTypeOf<Launch["fairings"]>().toEqualTypeOf<{
    readonly reused: boolean | null;
    readonly recovery_attempt: boolean | null;
    readonly recovered: boolean | null;
    readonly ships: readonly string[];
  } | null>();
  expectTypeOf<Launch["failures"][number]["reason"]>().toEqualTypeOf<string | null | undefined>();
  expectTypeOf<StarlinkSatellite["spaceTrack"]["EPOCH"]>().toEqualTypeOf<string | null>();
  expectTypeOf<keyof Rocket["payload_weights"][number]>().toEqualTypeOf<"id" | "name" | "kg" | "lb">();
  // @ts-expect-error A field that the API does not have.
  expectTypeOf<Launch["tdb"]>().toBeNever();
});
