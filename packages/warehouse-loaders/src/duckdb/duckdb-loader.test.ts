import { openDuckDBTarget } from "../../test/duckdb/duckdb-target.ts";
import { testLoader } from "../testing/index.ts";

// A nightly run sets LOADER_ROWS=1000000 and LOADER_KILL_EVERY=1.
const number = (name: string) => (process.env[name] === undefined ? undefined : Number(process.env[name]));

testLoader({
  name: "duckdb",
  open: openDuckDBTarget,
  largeRows: number("LOADER_ROWS"),
  killEvery: number("LOADER_KILL_EVERY"),
});
