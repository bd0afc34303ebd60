import { describe } from "vitest";
import { atomicityCases } from "./cases/atomicity.ts";
import { changeCases } from "./cases/changes.ts";
import { guardCases } from "./cases/guards.ts";
import { runCases } from "./cases/runs.ts";
import { scaleCases } from "./cases/scale.ts";
import { schemaCases } from "./cases/schema.ts";
import { transformCases } from "./cases/transforms.ts";
import { valueCases } from "./cases/values.ts";
import type { LoaderSuite } from "./loader-target.ts";

/**
 * The contract of a `Loader`, as vitest tests. Call it at the top level of a test file of the driver. Parquet files are
 * made with `@duckdb/node-api`, whatever the engine under test is.
 */
export function testLoader(suite: LoaderSuite): void {
  describe(`loader: ${suite.name}`, () => {
    runCases(suite);
    changeCases(suite);
    valueCases(suite);
    schemaCases(suite);
    guardCases(suite);
    transformCases(suite);
    atomicityCases(suite);
    scaleCases(suite);
  });
}
