import { EtlError } from "@spacex-etl/contracts";
import type { Api, CallContext } from "./api.ts";
import { field, textOf } from "./failure.ts";
import type { BigQuerySettings } from "./options.ts";

/** Where jobs run, and whether the dataset is there. */
export interface Place {
  readonly location: string;
  readonly exists: boolean;
}

/** @throws EtlError WAREHOUSE_MISSING, WAREHOUSE_LOCATION, and those of a request. */
export async function findPlace(api: Api, settings: BigQuerySettings, context: CallContext): Promise<Place> {
  const place = await lookForPlace(api, settings, context);
  if (place !== null) return place;
  const name = `${settings.project}.${settings.dataset}`;
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
  if (found === null) return location === undefined ? null : { location, exists: false };
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
  return { location: actual, exists: true };
}
