import { DuckDBInstance } from "@duckdb/node-api";
import { openDuckDBTarget } from "../../../packages/warehouse-loaders/test/duckdb/duckdb-target.ts";
import { testHostile } from "../harness/hostile-suite.ts";

type DuckDBTarget = Awaited<ReturnType<typeof openDuckDBTarget>>;

testHostile<DuckDBTarget>("duckdb", () =>
  Promise.resolve({
    open: openDuckDBTarget,
    async tables(target) {
      const instance = await DuckDBInstance.create(target.path);
      const connection = await instance.connect();
      try {
        const found = await connection.runAndReadAll(
          "SELECT table_name FROM duckdb_tables() ORDER BY table_name",
        );
        return found.getRowObjectsJson().map((row) => String(row["table_name"]));
      } finally {
        connection.closeSync();
        instance.closeSync();
      }
    },
    ownTable: (_target, name) => name.startsWith("odd"),
    // The engine is in the process: what was planned is what is executed.
    statements: () => [],
    secrets: [],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);
