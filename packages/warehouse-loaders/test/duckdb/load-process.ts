import { duckdbLoader } from "../../src/duckdb/index.ts";
import { runLoadProcess } from "../../src/testing/load-process.ts";

await runLoadProcess((path, { now }) => duckdbLoader({ path, now, lockTimeoutMs: 20_000 }));
