import type { EtlError } from "@spacex-etl/contracts/errors";
import { usageError } from "../command-line/usage-error.ts";
import type { LakeLocation } from "./pipeline-config.ts";
import type { WarehouseLocation } from "./warehouse/index.ts";

type LakeKind = LakeLocation["location"]["kind"];
type Kind = WarehouseLocation["kind"];

/** Which lakes a warehouse can load from. */
const LAKES: Readonly<Record<Kind, readonly LakeKind[]>> = {
  // Files of a bucket are copied to this machine for the time of the load.
  duckdb: ["file", "gs", "s3"],
  // Files of a folder are uploaded with the load job.
  bigquery: ["gs", "file"],
  // COPY reads S3 itself, and nothing else that a lake can be in.
  redshift: ["s3"],
};

const LAKE_NAMES: Readonly<Record<LakeKind, string>> = {
  file: "a folder",
  gs: "gs://bucket/prefix",
  s3: "s3://bucket/prefix",
};
const NAMES: Readonly<Record<Kind, string>> = {
  duckdb: "a DuckDB file",
  bigquery: "BigQuery",
  redshift: "Redshift",
};

/** Why a lake and a warehouse do not go together, with what would; undefined where they do. */
export function pairError(lake: LakeLocation, warehouse: WarehouseLocation): EtlError | undefined {
  const { kind } = lake.location;
  if (LAKES[warehouse.kind].includes(kind)) return undefined;
  const lakes = LAKES[warehouse.kind].map((one) => LAKE_NAMES[one]).join(" or ");
  const others = (Object.keys(LAKES) as Kind[]).filter((one) => LAKES[one].includes(kind));
  return usageError(
    "LAKE_WAREHOUSE_PAIR",
    `The warehouse ${warehouse.display} cannot be loaded from the lake ${lake.display}: ${NAMES[warehouse.kind]} loads from ${lakes}.`,
    `Give such a lake with --lake (LAKE_URL), or for this one another warehouse with --warehouse (WAREHOUSE_URL): ${others.map((one) => NAMES[one]).join(" or ")}.`,
  );
}
