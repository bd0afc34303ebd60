import { s3Store } from "@spacex-etl/lake-writers/s3";
import { TEST_CREDENTIALS, TEST_REGION } from "../../servers/index.ts";
import { HARD_PREFIX } from "../harness/hostile.ts";
import { testHostile } from "../harness/hostile-suite.ts";
import { openRedshiftWorld } from "../harness/redshift-world.ts";
import type { RedshiftTarget } from "../loaders/open-redshift-target.ts";

testHostile<RedshiftTarget>("redshift", async () => {
  const world = await openRedshiftWorld();
  const { redshift, s3 } = world;
  // Its address stands in the SQL of every COPY.
  const manifests = s3Store({
    bucket: "lake",
    prefix: HARD_PREFIX,
    region: TEST_REGION,
    endpoint: s3.endpoint,
    pathStyle: true,
  });
  return {
    open: () => Promise.resolve(world.open({ manifests })),
    async tables(target) {
      const rows = await target.query(
        "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables",
      );
      return rows.map((row) => String(row["name"])).toSorted();
    },
    ownTable: (target, name) => name.startsWith(`${target.schema}.odd`),
    statements: () => redshift.statements().map(({ sql }) => sql),
    secrets: [TEST_CREDENTIALS.secretAccessKey, redshift.connection.password],
    async [Symbol.asyncDispose]() {
      await manifests[Symbol.asyncDispose]?.();
      await world[Symbol.asyncDispose]();
    },
  };
});
