export { type ObjectStoreSuiteOptions, testObjectStore } from "./object-store-suite.ts";
