import { testLoader } from "@spacex-etl/warehouse-loaders/testing";
import { afterAll, beforeAll } from "vitest";
import { type RedshiftTargets, startRedshiftTargets } from "./redshift-target.ts";

let targets: RedshiftTargets;
beforeAll(async () => {
  targets = await startRedshiftTargets();
});
afterAll(async () => await targets?.[Symbol.asyncDispose]());

// A nightly run sets LOADER_ROWS=1000000 and LOADER_KILL_EVERY=1.
const number = (name: string) => (process.env[name] === undefined ? undefined : Number(process.env[name]));

testLoader({
  name: "redshift",
  open: () => Promise.resolve(targets.open()),
  largeRows: number("LOADER_ROWS") ?? 20_000,
  killEvery: number("LOADER_KILL_EVERY") ?? 10,
  canSetNotNull: false,
  alteredTablesBlock: true,
  stagesByJob: true,
});
