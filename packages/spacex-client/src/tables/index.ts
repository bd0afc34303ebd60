export { collectionNames, type CollectionName, type RecordOf } from "../collections/index.ts";
export { collections, type SpaceXCollection } from "./collections.ts";
