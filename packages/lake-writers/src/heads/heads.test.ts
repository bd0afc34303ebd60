import type { HeadEntry } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { allKeys, temporaryLake } from "../../test/lake.ts";
import type { ObjectInfo, ObjectStore } from "../store/object-store.ts";
import { verify } from "../verify/verify.ts";
import { newestRun, publishHead, readHead } from "./heads.ts";

const now = () => new Date(Date.UTC(2026, 0, 1));

function entry(runId: string, day: number): HeadEntry {
  return {
    runId,
    extractedAt: new Date(Date.UTC(2026, 0, day)).toISOString(),
    manifest: { path: `runs/${runId}/extract.json`, sha256: "0".repeat(64) },
  };
}

async function publish(
  store: ObjectStore,
  runId: string,
  day: number,
  ...collections: string[]
): Promise<void> {
  const entries = Object.fromEntries(collections.map((name) => [name, entry(runId, day)]));
  const options = { checkpoint: () => undefined, now };
  await publishHead(store, { zone: "extracts", source: "shop", entries }, options);
}

async function runsIn(store: ObjectStore): Promise<Record<string, string>> {
  const entries = Object.entries((await readHead(store))?.document.extracts["shop"] ?? {});
  return Object.fromEntries(entries.map(([name, { runId }]) => [name, runId]));
}

test("heads are numbered, chained and merged by collection; a repeat writes none", async () => {
  const store = await temporaryLake();
  expect(await readHead(store)).toBeUndefined();
  await publish(store, "r1", 1, "orders", "constructor");
  await publish(store, "r2", 2, "orders");
  await publish(store, "r2", 2, "orders");
  await publish(store, "r1", 1, "orders", "constructor");
  expect(await allKeys(store)).toEqual(["heads/0000000001.json", "heads/0000000002.json"]);
  expect(await runsIn(store)).toEqual({ constructor: "r1", orders: "r2" });
  const head = await readHead(store);
  expect(head?.document.previous?.path).toBe("heads/0000000001.json");
  expect(head && newestRun(head.document, "extracts", "shop")?.runId).toBe("r2");
  expect(head && newestRun(head.document, "tables", "shop")).toBeUndefined();
});

test("extractions of the same millisecond are ordered by run, so that all publishers agree", async () => {
  for (const order of [
    ["a", "b"],
    ["b", "a"],
  ]) {
    const store = await temporaryLake();
    for (const runId of order) await publish(store, runId, 1, "orders");
    expect(await runsIn(store)).toEqual({ orders: "b" });
  }
});

test("20 publishers at once all get in, without a gap", async () => {
  const store = await temporaryLake();
  await Promise.all(
    Array.from({ length: 20 }, (_, n) => publish(store, `r${n}`, 1 + (n % 7), `c${n}`, "orders")),
  );
  const runs = await runsIn(store);
  expect(Object.keys(runs)).toHaveLength(21);
  expect(runs["orders"]).toBe("r6");
  const heads = await allKeys(store);
  expect(heads.at(-1)).toBe(`heads/${String(heads.length).padStart(10, "0")}.json`);
});

test("a publisher that slept while heads were published and collected is not lost in the gap", async () => {
  const store = await temporaryLake();
  await publish(store, "r1", 1, "orders");
  let slept = false;
  const sleeping: ObjectStore = {
    ...store,
    async createIfAbsent(key, body, options) {
      if (!slept) {
        slept = true;
        await publish(store, "r2", 2, "orders");
        await publish(store, "r3", 3, "orders");
        for (const number of [1, 2]) await store.delete(`heads/000000000${number}.json`);
      }
      return store.createIfAbsent(key, body, options);
    },
  };
  await publish(sleeping, "late", 4, "customers");
  expect(await runsIn(store)).toEqual({ customers: "late", orders: "r3" });
});

test("a publisher that worked for long does not fill the number of a head that was collected meanwhile", async () => {
  const store = await temporaryLake();
  await publish(store, "r1", 1, "orders");
  const known = await readHead(store);
  await publish(store, "r2", 2, "orders");
  await publish(store, "r3", 3, "orders");
  for (const number of [1, 2]) await store.delete(`heads/000000000${number}.json`);
  const update = { zone: "extracts", source: "shop", entries: { customers: entry("long", 4) } } as const;
  await publishHead(store, update, { checkpoint: () => undefined, now }, known);
  expect(await allKeys(store)).toEqual(["heads/0000000003.json", "heads/0000000004.json"]);
  expect(await runsIn(store)).toEqual({ customers: "long", orders: "r3" });
  const { findings } = await verify({ store });
  expect(findings.filter(({ code }) => code === "HEAD_CHAIN")).toEqual([]);
});

test("a head that is collected between listing and reading is looked for again", async () => {
  const store = await temporaryLake();
  await publish(store, "r1", 1, "orders");
  let listed = false;
  const racing: ObjectStore = {
    ...store,
    async *list(prefix) {
      const infos: ObjectInfo[] = [];
      for await (const info of store.list(prefix)) infos.push(info);
      if (!listed) {
        listed = true;
        await publish(store, "r2", 2, "orders");
        await store.delete("heads/0000000001.json");
      }
      yield* infos;
    },
  };
  expect((await readHead(racing))?.document.number).toBe(2);
});
