import { type CollectionSpec, defineTables } from "@spacex-etl/contracts";
import { z } from "zod";

const discount = z.object({ code: z.string(), amount: z.number() });
const line = z.object({ sku: z.string(), quantity: z.int(), discounts: z.array(discount) });

const order = z.object({
  id: z.string(),
  placedAt: z.iso.datetime(),
  day: z.iso.date().nullable(),
  total: z.number(),
  units: z.int().nullable(),
  paid: z.boolean(),
  note: z.string().nullable(),
  customer: z.object({ name: z.string(), mail: z.string().nullable() }).nullable(),
  lines: z.array(line),
  tags: z.array(z.string()),
});

/** `bigint` stands for integers that a JavaScript number cannot hold. */
export interface Order extends Omit<z.infer<typeof order>, "units"> {
  readonly units: number | bigint | null;
}

export const orders: CollectionSpec = defineTables({ collection: "orders", schema: order });
/** One more column, and an array that was not there. */
export const ordersWider: CollectionSpec = defineTables({
  collection: "orders",
  schema: order.extend({ channel: z.string().nullable(), gifts: z.array(z.object({ name: z.string() })) }),
});
export const ordersNarrower: CollectionSpec = defineTables({
  collection: "orders",
  schema: order.omit({ note: true }),
});
export const ordersRetyped: CollectionSpec = defineTables({
  collection: "orders",
  schema: order.extend({ total: z.int() }),
});
export const ordersWidened: CollectionSpec = defineTables({
  collection: "orders",
  schema: order.extend({ units: z.number().nullable() }),
});

const product = z.object({ id: z.int(), name: z.string(), sizes: z.array(z.string()) });
export type Product = z.infer<typeof product>;

/** Keyed by an integer. */
export const products: CollectionSpec = defineTables({ collection: "products", schema: product });
export const productsVersion2: CollectionSpec = defineTables({
  collection: "products",
  schema: product,
  schemaVersion: 2,
});

export const readings: CollectionSpec = defineTables({
  collection: "readings",
  schema: z.object({
    id: z.string(),
    sensor: z.string(),
    value: z.number(),
    steps: z.int(),
    at: z.iso.datetime().meta({ column: "taken_at" }),
    good: z.boolean(),
    comment: z.string().nullable(),
    samples: z.array(z.object({ value: z.number() })),
  }),
});

/** An order of one line; everything may be overridden. */
export function anOrder(id: string, change: Partial<Order> = {}): Order {
  return {
    id,
    placedAt: "2026-01-02T03:04:05.678901Z",
    day: "2026-01-02",
    total: 12.5,
    units: 3,
    paid: true,
    note: "as usual",
    customer: { name: "Ada", mail: "ada@example.com" },
    lines: [{ sku: `${id}-a`, quantity: 1, discounts: [{ code: "ten", amount: 0.1 }] }],
    tags: ["new"],
    ...change,
  };
}

/** `count` orders o000, o001, … */
export function someOrders(count: number): Order[] {
  return Array.from({ length: count }, (_, index) => anOrder(`o${String(index).padStart(3, "0")}`));
}
