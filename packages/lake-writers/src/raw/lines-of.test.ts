import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryLake, textOf } from "../../test/lake.ts";
import { manyOrders, orders } from "../../test/shop.ts";
import { extract, linesOf, recordsFrom } from "../index.ts";

async function lines(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  const found: string[] = [];
  const bytes = chunks.map((chunk) => (typeof chunk === "string" ? Buffer.from(chunk) : chunk));
  for await (const line of linesOf(bytes)) found.push(Buffer.from(line).toString());
  return found;
}

test("lines are found across chunks, with either break, empty ones left out", async () => {
  expect(await lines("a\nb")).toEqual(["a", "b"]);
  expect(await lines("a", "b\r", "\nc\n\n\r\n", "d\n")).toEqual(["ab", "c", "d"]);
  expect(await lines()).toEqual([]);
  const kept = Buffer.from('{"name":"Zürich 🚀"}\n{"n":1}');
  for (let cut = 0; cut <= kept.length; cut++) {
    const split = await lines(kept.subarray(0, cut), kept.subarray(cut));
    expect(split).toEqual(['{"name":"Zürich 🚀"}', '{"n":1}']);
  }
});

test("a source that uses its buffer again harms nothing", async () => {
  const buffer = Buffer.alloc(4);
  function* reused() {
    for (const text of ["ab\nc", "def\n"]) {
      buffer.write(text);
      yield buffer;
    }
  }
  const found: string[] = [];
  for await (const line of linesOf(reused())) found.push(Buffer.from(line).toString());
  expect(found).toEqual(["ab", "cdef"]);
});

test("a file of NDJSON goes into the lake byte for byte", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lines-"));
  const file = join(folder, "orders.ndjson");
  const content = manyOrders(500)
    .map((order) => `${JSON.stringify(order).replace("{", '{ "exact": 1.0,')}\n`)
    .join("");
  await writeFile(file, content);
  const store = await temporaryLake();
  const source = recordsFrom(file, () => linesOf(createReadStream(file, { highWaterMark: 1000 })));
  const { collections } = await extract({
    store,
    runId: "r1",
    source: "shop",
    collections: [{ spec: orders, source }],
  });
  await rm(folder, { recursive: true });
  expect(await textOf(store, collections[0]?.parts[0] ?? { path: "none" })).toBe(content);
});
