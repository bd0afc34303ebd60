import { type CollectionSpec, defineTables } from "@spacex-etl/contracts";
import { z } from "zod";

/** A shop: nothing of it is known to the package. `run` is also a word of the lake's paths. */
export const orders = defineTables({
  collection: "orders",
  schema: z.looseObject({
    id: z.string(),
    placed: z.iso.datetime(),
    total: z.number(),
    run: z.string().nullish(),
    ship: z.looseObject({ city: z.string() }).nullish(),
    lines: z.array(z.looseObject({ sku: z.string(), quantity: z.int(), marks: z.array(z.string()) })),
  }),
});

export const customers = defineTables({
  collection: "customers",
  key: "number",
  schema: z.looseObject({ number: z.int(), name: z.string() }),
});

export const coupons = defineTables({
  collection: "coupons",
  schema: z.looseObject({ id: z.string(), discount: z.int() }),
});

export const shop: readonly CollectionSpec[] = [orders, customers, coupons];

export interface Order {
  readonly id: string;
  readonly placed: string;
  readonly total: number;
  readonly run: string | null;
  readonly ship: { readonly city: string } | null;
  readonly lines: readonly {
    readonly sku: string;
    readonly quantity: number;
    readonly marks: readonly string[];
  }[];
}

/** Deterministic: order n has n % 4 lines, line k of it has k marks. */
export function order(n: number): Order {
  return {
    id: `order-${String(n).padStart(6, "0")}`,
    placed: new Date(Date.UTC(2020, 0, 1) + n * 60_000).toISOString(),
    total: n / 7,
    run: n % 2 === 0 ? `batch-${n}` : null,
    ship: n % 3 === 0 ? null : { city: `Zürich ${n}` },
    lines: Array.from({ length: n % 4 }, (_, k) => ({
      sku: `sku-${n}-${k}`,
      quantity: k + 1,
      marks: Array.from({ length: k }, (__, m) => `mark ${m}`),
    })),
  };
}

export function manyOrders(count: number): Order[] {
  return Array.from({ length: count }, (_, n) => order(n));
}

export function manyCustomers(count: number): unknown[] {
  return Array.from({ length: count }, (_, n) => ({ number: n, name: `Customer ${n} 🚀` }));
}
