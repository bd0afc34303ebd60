import { fileURLToPath } from "node:url";
import { type DuckDBConnectionLike, sha256Hex } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { completeCollections, extract, gc, normalize, type ObjectStore, verify } from "../src/index.ts";
import { readObject } from "../src/store/read.ts";
import { BATCH_BYTES } from "./batch-bytes.ts";
import { allKeys, openDuckDB, temporaryLake } from "./lake.ts";
import { reachable } from "./reachable.ts";
import { jobsOf, opensOf, shopSources } from "./run.ts";
import { shop } from "./shop.ts";
import { runProcess } from "./spawn.ts";

const run = { runId: "r1", orders: 70, collections: ["orders", "coupons"], normalize: true } as const;
const { runId } = run;
/** Processes at the same time. */
const PARALLEL = 3;

/** Parts and rows of a committed run; times and what the source said may differ from process to process. */
async function finish(store: ObjectStore, connection: DuckDBConnectionLike) {
  const { orders, coupons } = shopSources({ orders: run.orders });
  const sources = { orders, coupons };
  const extracted = await extract({
    store,
    runId,
    source: "shop",
    collections: jobsOf(sources),
    partBytes: 8000,
  });
  const normalized = await normalize({
    store,
    runId,
    collections: shop,
    connection,
    batchBytes: BATCH_BYTES,
  });
  return {
    opens: opensOf(sources),
    content: {
      collections: extracted.collections.map(({ collection, records, parts, drift }) => ({
        collection,
        records,
        parts,
        drift,
      })),
      tables: normalized.tables.document.collections.map(({ name, tables }) => ({ name, tables })),
    },
  };
}

/** Every object that a reader can see is whole: parts fit the hash in their name, documents are JSON. */
async function wholeObjects(store: ObjectStore): Promise<void> {
  for (const key of await allKeys(store)) {
    const bytes = (await readObject(store, key)) ?? new Uint8Array();
    const named = /-([0-9a-f]{16})\./.exec(key)?.[1];
    if (named === undefined) JSON.parse(Buffer.from(bytes).toString("utf8"));
    else expect(sha256Hex(bytes).slice(0, 16)).toBe(named);
  }
}

let undisturbed: Awaited<ReturnType<typeof finish>>["content"];
let checkpoints = 0;

test("an undisturbed run, for comparison", async () => {
  undisturbed = (await finish(await temporaryLake(), await openDuckDB())).content;
  const root = fileURLToPath((await temporaryLake()).url);
  const ended = await runProcess({ ...run, root, killAt: 0 });
  expect(ended.stderr).toBe("");
  checkpoints = ended.result?.checkpoints ?? 0;
});

test(
  "killed at every checkpoint, the same run id ends as if nothing had happened",
  { timeout: 120_000 },
  async () => {
    let next = 1;
    async function worker(): Promise<void> {
      const connection = await openDuckDB();
      for (let killAt = next++; killAt <= checkpoints; killAt = next++) await killedAt(killAt, connection);
    }
    await Promise.all(Array.from({ length: PARALLEL }, worker));
  },
);

async function killedAt(killAt: number, connection: DuckDBConnectionLike): Promise<void> {
  const store = await temporaryLake();
  const ended = await runProcess({ ...run, root: fileURLToPath(store.url), killAt });
  expect(ended, `checkpoint ${killAt}`).toEqual({ signal: "SIGKILL", stderr: "", result: undefined });
  await wholeObjects(store);
  expect((await verify({ store })).findings, `checkpoint ${killAt}`).toEqual([]);
  const complete = (await completeCollections(store, runId)).map(({ collection }) => collection);

  const { content, opens } = await finish(store, connection);
  expect(content, `checkpoint ${killAt}`).toEqual(undisturbed);
  const expected = Object.fromEntries(
    Object.keys(opens).map((name) => [name, complete.includes(name) ? 0 : 1]),
  );
  expect(opens, `checkpoint ${killAt}`).toEqual(expected);
  await gc({ store, graceHours: 0 });
  expect(await allKeys(store), `checkpoint ${killAt}`).toEqual(await reachable(store, [runId]));
  expect((await verify({ store })).findings, `checkpoint ${killAt}`).toEqual([]);
}
