import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Tests read the sources of the workspace, so they need no build. */
const source = { ssr: { resolve: { conditions: ["@spacex-etl/source"] } } };

/** Suites that kill processes over and over: a project of its own, so that the quick suite stays quick. */
const kills = ["packages/*/test/kill.test.ts", "tests/kill/**/*.test.ts"];

export default defineConfig({
  ...source,
  test: {
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
          testTimeout: 30_000,
        },
      },
      {
        ...source,
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
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
          globalSetup: ["tests/servers/global-setup.ts"],
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
