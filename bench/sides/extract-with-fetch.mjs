// Extracts one collection into an empty lake, with the client on one of two implementations of fetch.
//
//   node extract-with-fetch.mjs <built-in|node> <address> <collection> <lake folder>
import { extract } from "@spacex-etl/lake-writers";
import { fileStore } from "@spacex-etl/lake-writers/file";
import { createSpaceXClient } from "@spacex-etl/spacex-client";
import { nodeFetch } from "@spacex-etl/spacex-client/node";
import { collections } from "@spacex-etl/spacex-client/tables";

const [kind, baseUrl, collection, root] = process.argv.slice(2);
const client = createSpaceXClient({ baseUrl, fetch: kind === "node" ? nodeFetch() : undefined });
await extract({
  store: fileStore({ root }),
  runId: "benchmark",
  source: "synthetic",
  collections: [{ spec: collections[collection], source: client.recordSource(collection) }],
});
