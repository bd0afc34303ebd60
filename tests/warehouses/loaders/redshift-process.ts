import { s3Store } from "@spacex-etl/lake-writers/s3";
import { redshiftLoader } from "@spacex-etl/warehouse-loaders/redshift";
// Not by its door, which loads vitest.
import { runLoadProcess } from "../../../packages/warehouse-loaders/src/testing/load-process.ts";
import type { ProcessArgument } from "./open-redshift-target.ts";

await runLoadProcess<ProcessArgument>(({ connection, lake, ...options }, { now }) =>
  redshiftLoader({ ...connection, ...options, manifests: s3Store(lake), now }),
);
