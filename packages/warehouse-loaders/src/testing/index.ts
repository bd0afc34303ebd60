export { loadInProcess, type ProcessOutcome, runLoadProcess } from "./load-process.ts";
export type { LoaderSuite, LoaderTarget, RawRow } from "./loader-target.ts";
export { type CollectionOptions, requestOf, TestLake } from "./test-lake.ts";
export { testLoader } from "./test-loader.ts";
