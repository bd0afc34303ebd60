import type { CollectionSpec, RunEvent } from "@spacex-etl/contracts";
import { extract, type ExtractOptions, type ExtractResult, type ObjectStore } from "../src/index.ts";
import { coupons, customers, manyCustomers, manyOrders, orders } from "./shop.ts";
import { testSource, type TestSource } from "./source.ts";

/** The shop's sources by collection; coupons are empty. */
export interface ShopSources {
  readonly orders: TestSource;
  readonly customers: TestSource;
  readonly coupons: TestSource;
}

export function shopSources(
  options: { orders?: number; customers?: number; etags?: boolean } = {},
): ShopSources {
  return {
    orders: testSource(manyOrders(options.orders ?? 60), options),
    customers: testSource(manyCustomers(options.customers ?? 10), options),
    coupons: testSource([], options),
  };
}

export function jobsOf(sources: Partial<ShopSources>): ExtractOptions["collections"] {
  const specs: Record<string, CollectionSpec> = { orders, customers, coupons };
  return Object.entries(sources).map(([name, source]) => ({ spec: specs[name] as CollectionSpec, source }));
}

/** Times that only go up, a second a call, so that of two runs the later is the newer. */
export function clock(start = Date.UTC(2026, 10, 22)): () => Date {
  let time = start;
  return () => new Date((time += 1000));
}

const sharedClock = clock();

/** Extracts the sources with small parts, no waiting between attempts, and a clock that never stands still. */
export async function extractShop(
  store: ObjectStore,
  runId: string,
  sources: Partial<ShopSources>,
  more: Partial<ExtractOptions> = {},
): Promise<ExtractResult & { readonly events: readonly RunEvent[] }> {
  const events: RunEvent[] = [];
  const result = await extract({
    store,
    runId,
    source: "shop",
    collections: jobsOf(sources),
    partBytes: 3000,
    reread: { baseDelayMs: 0 },
    now: sharedClock,
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { ...result, events };
}

export function opensOf(sources: Partial<ShopSources>): Record<string, number> {
  return Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, source.asked.opens]));
}
