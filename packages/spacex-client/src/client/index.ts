export { createSpaceXClient, type SpaceXClient } from "./create-client.ts";
export { DEFAULT_BASE_URL, type SpaceXClientOptions } from "./options.ts";
export type { CollectionResource, RequestOptions, SingleResource } from "./resources.ts";
