export { syntheticData, type SyntheticOptions } from "./synthetic-data.ts";
