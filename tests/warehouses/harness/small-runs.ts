import { type CollectionSpec, defineTables } from "@spacex-etl/contracts";
import type { LoadRequest } from "@spacex-etl/warehouse-loaders";
import { requestOf, type TestLake } from "@spacex-etl/warehouse-loaders/testing";
import { z } from "zod";

const flight = z.object({
  id: z.string(),
  massKg: z.number().nullable(),
  note: z.string().nullable(),
  legs: z.array(z.object({ port: z.string(), leftAt: z.iso.datetime(), crew: z.array(z.string()) })),
});
const flights = defineTables({ collection: "flights", schema: flight });
const flightsWider = defineTables({
  collection: "flights",
  schema: flight.extend({ operator: z.string().nullable() }),
});
const ports = defineTables({
  collection: "ports",
  schema: z.object({ id: z.int(), name: z.string(), busy: z.boolean() }),
});

/** All tables of both runs. */
export const SMALL_TABLES = ["flights", "flights__legs", "flights__legs__crew", "ports"] as const;

/** Two runs that differ in everything a load can do: a column, a table, new, changed, removed and returning rows. */
export interface SmallRuns {
  readonly first: LoadRequest;
  readonly second: LoadRequest;
}

export async function smallRuns(lake: TestLake): Promise<SmallRuns> {
  const made = (spec: CollectionSpec, records: readonly object[], day: number) =>
    lake.collection(spec, records, { extractedAt: `2026-01-0${day}T00:00:00.000Z`, parts: 2 });
  const wider = (record: object, operator: string | null = null) => ({ ...record, operator });
  const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map((id) => aFlight(id)) as [
    Flight,
    Flight,
    Flight,
    Flight,
    Flight,
  ];
  return {
    first: requestOf("first", [await made(flights, [a, b, c, d], 1)]),
    second: requestOf("second", [
      await made(
        flightsWider,
        [
          wider(a, "one"),
          wider({ ...b, massKg: null, legs: [] }),
          wider(c),
          wider({ ...e, note: "it's new" }),
        ],
        2,
      ),
      await made(
        ports,
        [
          { id: 1, name: "north", busy: true },
          { id: 2, name: "süd", busy: false },
        ],
        2,
      ),
    ]),
  };
}

type Flight = z.infer<typeof flight>;

function aFlight(id: string): Flight {
  return {
    id,
    massKg: 12.5,
    note: null,
    legs: [
      { port: `${id}-north`, leftAt: "2026-01-02T03:04:05.678901Z", crew: ["Ada", "Grace"] },
      { port: `${id}-south`, leftAt: "2026-01-03T03:04:05Z", crew: [] },
    ],
  };
}
