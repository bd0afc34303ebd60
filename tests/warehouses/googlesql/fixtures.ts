import type { JudgedTable } from "./question.ts";

/** A target, its stage and a ledger, as a loader has them. */
export const TABLES: readonly JudgedTable[] = [
  {
    name: "shop.raw.orders",
    columns: [
      { name: "id", type: "STRING", mode: "REQUIRED" },
      { name: "amount", type: "INTEGER" },
      { name: "price", type: "FLOAT" },
      { name: "placed_at", type: "TIMESTAMP" },
      { name: "local_time", type: "DATETIME" },
      { name: "place", type: "GEOGRAPHY" },
      { name: "payload", type: "JSON" },
      { name: "tags", type: "STRING", mode: "REPEATED" },
      { name: "lines", type: "STRUCT<sku STRING, n INT64>", mode: "REPEATED" },
    ],
  },
  {
    name: "shop.raw.stage",
    columns: [
      { name: "id", type: "STRING" },
      { name: "amount", type: "INT64" },
      { name: "note", type: "STRING" },
    ],
  },
  {
    name: "shop.raw.ledger",
    columns: [
      { name: "run_id", type: "STRING" },
      { name: "loaded", type: "INT64" },
    ],
  },
];
