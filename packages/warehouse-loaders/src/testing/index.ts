export { loadInProcess, type ProcessJob, type ProcessOutcome, runLoadProcess } from "./load-process.ts";
export type { LoaderSuite, LoaderTarget, RawRow } from "./loader-target.ts";
export { type CollectionOptions, type Publish, requestOf, TestLake } from "./test-lake.ts";
export { testLoader } from "./test-loader.ts";
