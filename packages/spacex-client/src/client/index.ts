export { createSpaceXClient, type SpaceXClient } from "./create-client.ts";
export type { CollectionResource } from "./collection-resource.ts";
export type { LaunchesResource } from "./launches-resource.ts";
export type { ObjectResource, QueryableObjectResource } from "./object-resource.ts";
export { type CallOptions, DEFAULT_BASE_URL, type SpaceXClientOptions } from "./options.ts";
