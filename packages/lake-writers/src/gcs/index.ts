export { gcsStore } from "./gcs-store.ts";
export type { GcsStoreOptions } from "./options.ts";
