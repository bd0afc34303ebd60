import { EtlError } from "@spacex-etl/contracts";
import type { Api, CallContext } from "./api.ts";
import { field, textOf } from "./failure.ts";
import type { BigQuerySettings } from "./options.ts";
import { datasetName } from "./sql/index.ts";

/** Where jobs run, and whether the dataset is there. */
export interface Place {
  readonly location: string;
  readonly exists: boolean;
  /** After which new tables and new partitions vanish, in milliseconds; 0 for never. */
  readonly tablesExpireMs: number;
  readonly partitionsExpireMs: number;
}

/** To write into. @throws EtlError WAREHOUSE_MISSING, WAREHOUSE_LOCATION, WAREHOUSE_EXPIRES, and those of a request. */
export async function findPlace(api: Api, settings: BigQuerySettings, context: CallContext): Promise<Place> {
  const place = await lookForPlace(api, settings, context);
  const name = `${settings.project}.${settings.dataset}`;
  if (place !== null) {
    assertKept(name, place, settings);
    return place;
  }
  throw new EtlError({
    kind: "destination",
    code: "WAREHOUSE_MISSING",
    message: `There is no dataset ${name}.`,
    hint: "Correct the name, create it, or give a location (EU, US, europe-west1 …) and the first load makes it there.",
    retryable: false,
  });
}

/** As {@link findPlace}; null where there is no dataset and no location to make it in. */
export async function lookForPlace(
  api: Api,
  { project, dataset, location }: BigQuerySettings,
  context: CallContext,
): Promise<Place | null> {
  const found = await api.find(
    "look for the dataset",
    { method: "GET", path: `${project}/datasets/${dataset}` },
    context,
    404,
  );
  if (found === null) return location === undefined ? null : { ...KEPT, location, exists: false };
  const actual = textOf(field(found, "location")) ?? "US";
  if (location !== undefined && location.toLowerCase() !== actual.toLowerCase()) {
    throw new EtlError({
      kind: "usage",
      code: "WAREHOUSE_LOCATION",
      message: `The dataset ${project}.${dataset} is in ${actual}, not in ${location}.`,
      hint: `Say location ${actual} or leave it out; to have it in ${location}, name another dataset.`,
      details: { actual, location },
    });
  }
  return {
    location: actual,
    exists: true,
    tablesExpireMs: Number(field(found, "defaultTableExpirationMs") ?? 0),
    partitionsExpireMs: Number(field(found, "defaultPartitionExpirationMs") ?? 0),
  };
}

const KEPT = { tablesExpireMs: 0, partitionsExpireMs: 0 } as const;

/** Tables inherit the defaults of their dataset, and nobody would notice before they are gone. */
function assertKept(
  name: string,
  { tablesExpireMs, partitionsExpireMs }: Place,
  { project, dataset, partitionBy }: BigQuerySettings,
): void {
  const partitioned = Object.keys(partitionBy).length > 0;
  const found =
    tablesExpireMs > 0
      ? { what: "new tables", option: "default_table_expiration_days", ms: tablesExpireMs }
      : partitionsExpireMs > 0 && partitioned
        ? {
            what: "partitions of new tables",
            option: "default_partition_expiration_days",
            ms: partitionsExpireMs,
          }
        : undefined;
  if (found === undefined) return;
  throw new EtlError({
    kind: "usage",
    code: "WAREHOUSE_EXPIRES",
    message: `The dataset ${name} lets ${found.what} vanish after ${found.ms / 86_400_000} days (${found.option}).`,
    hint: `ALTER SCHEMA ${datasetName({ project, dataset })} SET OPTIONS (${found.option} = NULL), and see that tables which are there do not expire. A sandbox without billing cannot keep tables.`,
  });
}
