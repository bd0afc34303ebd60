import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Tests read the sources of the workspace, so they need no build. */
const source = { ssr: { resolve: { conditions: ["@spacex-etl/source"] } } };

/** Suites that kill processes over and over: a project of its own, so that the quick suite stays quick. */
const kills = ["packages/*/test/kill.test.ts", "tests/kill/**/*.test.ts"];

/** A start of the command line from its sources takes half as long when Node keeps what it compiled. */
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules", ".node-compile-cache");

/** Begun last, one of these would keep one core busy while the others have nothing left to do. */
const LONGEST = [
  "packages/warehouse-loaders/src/duckdb/duckdb-loader.test.ts",
  "tests/e2e/changes.test.ts",
  "tests/e2e/main-job-dbt.test.ts",
  "tests/e2e/main-job.test.ts",
];

/** Those that are known to be long, in their order, then all others in vitest's. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const known = LONGEST.indexOf(relative(import.meta.dirname, moduleId));
      return known === -1 ? LONGEST.length : known;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  ...source,
  test: {
    sequence: { sequencer: LongestFirst },
    // Most tests wait for a process or a disk; the default leaves one of two cores idle.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        ...source,
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.test.ts",
            "packages/*/test/**/*.test.ts",
            "scripts/**/*.test.{ts,mjs}",
          ],
          exclude: kills,
          // A worker takes file after file: to load vitest and the workspace anew costs more than most files take. Hence a
          // module that several files share must hold no state that one of them ends: its hooks are the first file's.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        ...source,
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          isolate: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        ...source,
        test: {
          name: "kill",
          include: kills,
          testTimeout: 1_800_000,
          hookTimeout: 300_000,
        },
      },
      {
        ...source,
        test: {
          name: "lakes",
          include: ["tests/lakes/**/*.test.ts"],
          globalSetup: ["tests/servers/global-setup.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        ...source,
        test: {
          name: "warehouses",
          include: ["tests/warehouses/**/*.test.ts"],
          globalSetup: ["tests/servers/global-setup.ts", "tests/warehouses/global-setup.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["packages/*/src/**/*.test-d.ts"],
            tsconfig: "tests/tsconfig.types.json",
          },
        },
      },
      {
        ...source,
        test: {
          name: "packages",
          include: ["tests/packages/**/*.test.ts"],
          globalSetup: ["tests/servers/global-setup.ts", "tests/packages/harness/global-setup.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
