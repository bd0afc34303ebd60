export type { S3StoreOptions } from "./options.ts";
export { s3Store } from "./s3-store.ts";
