import { readdir } from "node:fs/promises";
import type { DuckDBConnectionLike } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { allKeys, openDuckDB, temporaryFolder, temporaryLake } from "../../test/lake.ts";
import { clock, extractShop, shopSources } from "../../test/run.ts";
import { manyOrders, order, shop } from "../../test/shop.ts";
import { normalize, type ObjectStore, tablesAhead, verify } from "../index.ts";

interface Bench {
  readonly connections: readonly DuckDBConnectionLike[];
  readonly workFolder: string;
  /** Every effect in its order. */
  readonly effects: string[];
  readonly options: (store: ObjectStore, runId: string) => Parameters<typeof tablesAhead>[0];
  /** No temporary table, no file, DuckDB as it was. */
  readonly expectClean: () => Promise<void>;
}

async function bench(onEffect: (name: string) => void | Promise<void> = () => undefined): Promise<Bench> {
  const connections = await Promise.all([1, 2, 3].map(() => openDuckDB({ threads: "2" })));
  const [connection, ...moreConnections] = connections as [DuckDBConnectionLike, ...DuckDBConnectionLike[]];
  const workFolder = await temporaryFolder();
  const effects: string[] = [];
  const checkpoint = (name: string): void | Promise<void> => {
    effects.push(name);
    return onEffect(name);
  };
  return {
    connections,
    workFolder,
    effects,
    options: (store, runId) => ({
      store,
      runId,
      collections: shop,
      connection,
      moreConnections,
      workFolder,
      batchBytes: 9000,
      checkpoint,
    }),
    async expectClean() {
      expect(await readdir(workFolder)).toEqual([]);
      for (const each of connections) {
        const left = await each.runAndReadAll("SELECT table_name FROM duckdb_tables()");
        expect(left.getRowObjectsJson()).toEqual([]);
      }
      const threads = await connection.runAndReadAll("SELECT current_setting('threads') AS threads");
      expect(Number(threads.getRowObjectsJson()[0]?.["threads"])).toBe(2);
    },
  };
}

/** Keys and tables of a run without work ahead. */
async function plain(sources = shopSources({ orders: 200 })) {
  const store = await temporaryLake();
  await extractShop(store, "r1", sources);
  const { options } = await bench();
  const { tables } = await normalize({ ...options(store, "r1"), now: clock() });
  return { keys: await allKeys(store, "tables/"), collections: contentOf(tables.document.collections) };
}

function contentOf(collections: readonly { readonly extractedAt: string }[]): unknown {
  return collections.map((collection) => ({ ...collection, extractedAt: null }));
}

test("tables are made while others are read, with the same files and names as afterwards", async () => {
  const expected = await plain();
  const store = await temporaryLake();
  const sources = shopSources({ orders: 200 });
  const { promise: made, resolve } = Promise.withResolvers<void>();
  const { options, effects, expectClean } = await bench((name) => {
    if (name.startsWith("after tables/orders/")) resolve();
  });
  // The last orders and all customers are given only when tables of the first orders are stored.
  sources.orders.onRecord = (given) => (given > 190 ? made : undefined);
  sources.customers.onRecord = () => made;
  {
    await using ahead = tablesAhead(options(store, "r1"));
    await extractShop(store, "r1", sources, { observer: ahead });
    const events: string[] = [];
    const { outcome, tables } = await normalize({
      ...options(store, "r1"),
      ahead,
      now: clock(),
      onEvent: (event) => {
        if (event.type.startsWith("collection.")) events.push(event.type);
      },
    });
    expect(outcome).toBe("committed");
    expect(contentOf(tables.document.collections)).toEqual(expected.collections);
    expect(events.toSorted()).toEqual([
      ...Array.from({ length: 3 }, () => "collection.finished"),
      ...Array.from({ length: 3 }, () => "collection.started"),
    ]);
  }
  expect(await allKeys(store, "tables/")).toEqual(expected.keys);
  const stored = effects.filter((name) => name.startsWith("after tables/"));
  expect(stored.toSorted()).toEqual(expected.keys.map((key) => `after ${key}`).toSorted());
  await expectClean();
  expect((await verify({ store, connection: await openDuckDB() })).findings).toEqual([]);
});

test("a collection that is read from its start again gives the same tables", async () => {
  const expected = await plain();
  const store = await temporaryLake();
  const sources = shopSources({ orders: 200 });
  sources.orders.breaks.push(150);
  sources.orders.totals.push(201);
  const { options } = await bench();
  await using ahead = tablesAhead(options(store, "r1"));
  await extractShop(store, "r1", sources, { observer: ahead });
  const { tables } = await normalize({ ...options(store, "r1"), ahead });
  expect(contentOf(tables.document.collections)).toEqual(expected.collections);
  expect(await allKeys(store, "tables/")).toEqual(expected.keys);
});

test("unchanged collections cost nothing, and a change makes only its own tables", async () => {
  const store = await temporaryLake();
  const sources = shopSources({ orders: 200, etags: false });
  const { options, effects, expectClean } = await bench();
  for (const runId of ["r1", "r2", "r3"]) {
    if (runId === "r3") {
      sources.orders.records = manyOrders(200).map((record, n) => (n === 170 ? order(1007) : record));
    }
    effects.length = 0;
    await using ahead = tablesAhead(options(store, runId));
    await extractShop(store, runId, sources, { observer: ahead });
    const { tables } = await normalize({ ...options(store, runId), ahead });
    const reused = tables.document.collections.map((collection) => collection.reused);
    if (runId === "r2") {
      expect(reused).toEqual([true, true, true]);
      expect(effects.filter((name) => name.includes("tables/"))).toEqual([]);
    }
    if (runId === "r3") expect(reused).toEqual([true, true, false]);
  }
  await expectClean();
  expect((await verify({ store, connection: await openDuckDB() })).findings).toEqual([]);
});

test("a collection that fails leaves nothing running, and the same run id goes on", async () => {
  const expected = await plain();
  const store = await temporaryLake();
  const sources = shopSources({ orders: 200 });
  const { records } = sources.orders;
  sources.orders.records = [...records.slice(0, 190), { id: 5 }];
  const { options, effects, expectClean } = await bench();
  {
    await using ahead = tablesAhead(options(store, "r1"));
    const failing = extractShop(store, "r1", sources, { observer: ahead });
    await expect(failing).rejects.toMatchObject({ message: expect.stringContaining("orders") });
  }
  await expectClean();
  const after = effects.length;
  sources.orders.records = records;
  await extractShop(store, "r1", sources);
  expect(effects).toHaveLength(after);
  const { tables } = await normalize(options(store, "r1"));
  expect(contentOf(tables.document.collections)).toEqual(expected.collections);
});

test("an abort half-way stops it, and the same run id goes on", async () => {
  const expected = await plain();
  const store = await temporaryLake();
  const stop = new AbortController();
  const { options, expectClean } = await bench((name) => {
    if (name.startsWith("after tables/orders/")) stop.abort(new Error("enough"));
  });
  const sources = shopSources({ orders: 200 });
  {
    await using ahead = tablesAhead({ ...options(store, "r1"), signal: stop.signal });
    const { signal } = stop;
    const failing = extractShop(store, "r1", sources, { observer: ahead, signal }).then(() =>
      normalize({ ...options(store, "r1"), ahead, signal }),
    );
    await expect(failing).rejects.toThrow("enough");
  }
  await expectClean();
  expect(await allKeys(store, "runs/r1/tables")).toEqual([]);
  await extractShop(store, "r1", sources);
  const { tables } = await normalize(options(store, "r1"));
  expect(contentOf(tables.document.collections)).toEqual(expected.collections);
  expect(await allKeys(store, "tables/")).toEqual(expected.keys);
});

test("what fails ahead is made by normalize, which fails if it fails again", async () => {
  const expected = await plain();
  for (const failures of [1, Infinity]) {
    let left = failures;
    const store = await temporaryLake();
    const { options, expectClean } = await bench((name) => {
      if (name.startsWith("before tables/orders/") && left-- > 0) throw new Error("no space left");
    });
    {
      await using ahead = tablesAhead(options(store, "r1"));
      const extracted = await extractShop(store, "r1", shopSources({ orders: 200 }), { observer: ahead });
      expect(extracted.outcome).toBe("committed");
      const normalizing = normalize({ ...options(store, "r1"), ahead });
      if (failures === 1) {
        expect(contentOf((await normalizing).tables.document.collections)).toEqual(expected.collections);
      } else {
        await expect(normalizing).rejects.toThrow("no space left");
      }
    }
    await expectClean();
  }
});

test("tables that were begun for another run are refused", async () => {
  const store = await temporaryLake();
  await extractShop(store, "r1", shopSources());
  const { options } = await bench();
  await using ahead = tablesAhead(options(store, "r2"));
  await expect(normalize({ ...options(store, "r1"), ahead })).rejects.toMatchObject({
    code: "AHEAD_OF_ANOTHER_RUN",
    exitCode: 2,
  });
});
