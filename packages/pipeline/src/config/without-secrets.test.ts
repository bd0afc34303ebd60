import { expect, test } from "vitest";
import { withoutSecrets } from "./without-secrets.ts";

test.each([
  [
    "redshift://u@host/db?iamRole=arn:aws:iam::1:role/a@b&password=hunter2",
    "redshift://***?iamRole=***&password=***",
  ],
  ["bigquery://proj/raw?impersonate=a@b&password=hunter2", "bigquery://***?impersonate=***&password=***"],
  ["redshift://u@host/db?password=hun@ter2", "redshift://***?password=***"],
  ["redshift://u:hun?ter2@host/db", "redshift://***?***"],
  ["redshift://u:a@hun#ter2@host/db", "redshift://***#***"],
  ["redshift://u:hunter2/db", "redshift://u:***"],
  ["redshift://u:hun/ter2@host/db", "redshift://***@host/db"],
  ["postgres:u:hunter2/db", "postgres:***"],
  ["u:hunter2@host/db", "u:***"],
  ["user_1:hunter2/db", "user_1:***"],
  ["duckdb:u:hunter2@host/db", "duckdb:***"],
  ["redshift://u@[::1]:5439/db?schema=raw", "redshift://***@[::1]:5439/db?schema=***"],
  ["x://host:5439/db?page=2#top", "x://host:5439/db?page=***#***"],
  ["./data:1/warehouse.duckdb", "./data:1/warehouse.duckdb"],
  [String.raw`C:\data\lake`, String.raw`C:\data\lake`],
  ["duckdb::memory:", "duckdb::memory:"],
  ["lz4", "lz4"],
])("%s is shown as %s", (text, shown) => {
  expect(withoutSecrets(text)).toBe(shown);
});
