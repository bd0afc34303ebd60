import { defineTables, lakeColumns } from "@spacex-etl/contracts";
import { z } from "zod";

const orders = defineTables({
  collection: "orders",
  schema: z.object({
    id: z.string(),
    placed: z.iso.datetime(),
    customer: z.object({ name: z.string(), city: z.string().nullish() }),
    lines: z.array(z.object({ sku: z.string(), quantity: z.int(), price: z.number() })),
  }),
});

for (const table of orders.tables) {
  console.log(`${table.name} (key: ${table.key.join(", ")})`);
  for (const { name, type, nullable } of lakeColumns(table)) {
    console.log(`  ${name} ${type}${nullable ? "" : " not null"}`);
  }
}
