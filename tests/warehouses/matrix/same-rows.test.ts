import { loadRun } from "@spacex-etl/warehouse-loaders";
import type { LoaderTarget } from "@spacex-etl/warehouse-loaders/testing";
import { collectionNames } from "@spacex-etl/spacex-client/tables";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDuckDBTarget } from "../../../packages/warehouse-loaders/test/duckdb/duckdb-target.ts";
import { TEST_CREDENTIALS } from "../../servers/index.ts";
import { type BigQueryWorld, openBigQueryWorld, sentTo } from "../harness/bigquery-world.ts";
import { normalized } from "../harness/normalized.ts";
import { openRealLake, type RealLake } from "../harness/real-lake.ts";
import { openRedshiftWorld, type RedshiftWorld } from "../harness/redshift-world.ts";
import { type Dialect, lintSql } from "../harness/sql-lint.ts";
import type { Tables } from "../harness/tables.ts";
import type { BigQueryTarget } from "../loaders/bigquery-target.ts";

const ENGINES = ["DuckDB", "BigQuery", "Redshift"] as const;
type Engine = (typeof ENGINES)[number];

/** One time per load: what a row has of it is compared, too. */
const CLOCK: Readonly<Record<string, string>> = {
  first: "2100-03-01T00:00:00.000Z",
  second: "2100-03-02T00:00:00.000Z",
};

describe("the same rows on three warehouses", () => {
  const stack = new AsyncDisposableStack();
  let bigquery: BigQueryWorld;
  let redshift: RedshiftWorld;
  let lake: RealLake;
  const targets = new Map<Engine, LoaderTarget>();

  beforeAll(async () => {
    [bigquery, redshift] = [stack.use(await openBigQueryWorld()), stack.use(await openRedshiftWorld())];
    lake = stack.use(await openRealLake([bigquery.lakeUrl("real"), redshift.lakeUrl("real")]));
    targets.set("DuckDB", stack.use(await openDuckDBTarget()));
    targets.set("BigQuery", stack.use(await bigquery.open()));
    targets.set("Redshift", stack.use(await redshift.open()));
  });
  afterAll(() => stack.disposeAsync());

  const lakeUrls: Readonly<Record<Engine, () => string | undefined>> = {
    DuckDB: () => undefined,
    BigQuery: () => bigquery.lakeUrl("real"),
    Redshift: () => redshift.lakeUrl("real"),
  };

  /** Loads a run everywhere, and gives what is then in each. */
  async function loaded(runId: string): Promise<Readonly<Record<Engine, Tables>>> {
    await lake.make(runId);
    const found: Partial<Record<Engine, Tables>> = {};
    const reports: Partial<Record<Engine, unknown>> = {};
    for (const engine of ENGINES) {
      const target = targets.get(engine)!;
      const request = await lake.request(runId, lakeUrls[engine]());
      await using loader = target.loader({ now: () => new Date(CLOCK[runId]!) });
      const { jobs, ...report } = await loadRun(loader, request);
      expect(jobs, engine).toBe(engine === "DuckDB" ? 0 : changedTables(request, report.tables));
      reports[engine] = report;
      found[engine] = await normalized(target, request);
    }
    expect(reports["BigQuery"]).toEqual(reports["DuckDB"]);
    expect(reports["Redshift"]).toEqual(reports["DuckDB"]);
    return found as Record<Engine, Tables>;
  }

  function expectEqual(found: Readonly<Record<Engine, Tables>>): void {
    const reference = found["DuckDB"];
    for (const engine of ENGINES) {
      expect(sizes(found[engine]), engine).toEqual(sizes(reference));
      for (const [table, rows] of Object.entries(found[engine])) {
        const other = rows.findIndex(
          (row, index) => JSON.stringify(row) !== JSON.stringify(reference[table]?.[index]),
        );
        // Of thousands of rows the first that differs says more than all of them.
        expect(rows[other], `${engine}: ${table}`).toEqual(reference[table]?.[other]);
        expect(other, `${engine}: ${table}`).toBe(-1);
      }
    }
  }

  test("after a first run of all collections", async () => {
    const found = await loaded("first");
    expect(found["DuckDB"]["_loads"]).toMatchObject([{ run_id: "first", changed: true }]);
    expect(new Set(found["DuckDB"]["_tables"]!.map((row) => row["collection"]))).toEqual(
      new Set(collectionNames),
    );
    expect(found["DuckDB"]["launches"]!.length).toBeGreaterThan(200);
    expectEqual(found);
  });

  test("after a second run with changed, added and removed records", async () => {
    await lake.edit();
    const found = await loaded("second");
    const deleted = found["DuckDB"]["launches"]!.filter((row) => row["_deleted_at"] !== null);
    expect(deleted).toHaveLength(1);
    expect(found["DuckDB"]["launches"]!.filter((row) => row["_run_id"] === "second")).toHaveLength(4);
    expectEqual(found);
  });

  test("nothing that was executed is forbidden", () => {
    const { server } = targets.get("BigQuery") as BigQueryTarget;
    const statements = redshift.redshift.statements().map(({ sql }) => sql);
    expect(statements.length).toBeGreaterThan(500);
    expect([...forbidden(sentTo(server), "bigquery"), ...forbidden(statements, "redshift")]).toEqual([]);
  });
});

/** Over both loads of all tables, as their servers got them. */
function forbidden(sent: readonly string[], dialect: Dialect): string[] {
  const secrets = [TEST_CREDENTIALS.secretAccessKey];
  return sent.flatMap((sql) => lintSql(sql, { dialect, secrets }).map((finding) => `${finding}: ${sql}`));
}

const sizes = (tables: Tables): Record<string, number> =>
  Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, rows.length]));

/** Tables with rows of the collections that are loaded: one job each. */
function changedTables(
  request: {
    readonly collections: readonly {
      readonly tables: readonly { readonly rows: number; readonly spec: { readonly name: string } }[];
    }[];
  },
  tables: readonly { readonly table: string; readonly outcome: string }[],
): number {
  const outcomes = new Map(tables.map(({ table, outcome }) => [table, outcome]));
  return request.collections
    .flatMap((collection) => collection.tables)
    .filter(({ rows, spec }) => rows > 0 && outcomes.get(spec.name) === "loaded").length;
}
