export { nodeFetch, type NodeFetchOptions } from "./node-fetch.ts";
