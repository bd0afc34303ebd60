import { defineTables, newRunId } from "@spacex-etl/contracts";
import { extract, recordsFrom, verify } from "@spacex-etl/lake-writers";
import { fileStore } from "@spacex-etl/lake-writers/file";
import { z } from "zod";

const Order = z.object({
  id: z.string(),
  placed: z.iso.datetime(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int() })),
});

async function* readOrders(): AsyncGenerator<z.infer<typeof Order>> {
  yield { id: "A-1", placed: "2026-11-20T09:00:00Z", lines: [{ sku: "tea", quantity: 2 }] };
  yield { id: "A-2", placed: "2026-11-21T10:30:00Z", lines: [] };
}

const store = fileStore({ root: "lake" });
const orders = {
  spec: defineTables({ collection: "orders", schema: Order }),
  source: recordsFrom("orders of the shop", readOrders),
};

const { collections } = await extract({ store, runId: newRunId(), source: "shop", collections: [orders] });
for (const { collection, records, parts } of collections) {
  console.log(`${collection}: ${records} records in ${parts.map(({ path }) => path).join(", ")}`);
}

const { objects, bytes, findings } = await verify({ store });
console.log(`verified: ${objects} objects, ${bytes} bytes, ${findings.length} problems`);
