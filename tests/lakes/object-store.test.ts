import { testObjectStore } from "@spacex-etl/lake-writers/testing";
import { openBucket, type ServerKind } from "./harness/bucket.ts";
import { LARGE_BYTES } from "./harness/large-body.ts";

const PREFIX = "a/prefix";

/** That of creators at once only one wins is proved by moto and fake-gcs-server alone; versitygw needs the proxy. */
const SERVERS: readonly ServerKind[] = ["moto", "versitygw", "fake-gcs-server"];

for (const kind of SERVERS) {
  testObjectStore({
    name: kind,
    largeBytes: LARGE_BYTES,
    // More than a page of a listing, which is 1000 on both services.
    manyObjects: 1_100,
    async open() {
      const bucket = await openBucket(kind);
      const store = await (kind === "versitygw" ? bucket.open(PREFIX) : bucket.openDirectly(PREFIX));
      return {
        store,
        async cleanup() {
          await store[Symbol.asyncDispose]?.();
          await bucket[Symbol.asyncDispose]();
        },
      };
    },
  });
}
