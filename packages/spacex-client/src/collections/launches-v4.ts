import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { lazy } from "./fields.ts";
import { launchSchema } from "./launches.ts";
import type { Launch } from "./types/launches.ts";

/** A launch in the shape of version 4 of the API, whose crew are ids without roles. All else is as in version 5. */
export interface LaunchV4 extends Omit<Launch, "crew"> {
  /** Ids of the crew members on board. Filters and sorts see the stored `crew.crew` and `crew.role` instead. */
  readonly crew: readonly string[];
}

export const launchV4Schema = lazy(() =>
  launchSchema().extend({
    crew: z.array(z.string().describe("Id of a crew member.")).describe("One row per crew member on board."),
  }),
);

/** What version 4 keeps in a populated crew for a person without a record. */
export const emptySeatSchema = lazy(() => z.looseObject({ crew: z.null(), role: z.string().nullable() }));

/** Not one of the 14 collections: the same records as `launches`, in another shape. */
export const launchesV4 = defineCollection({
  name: "launches",
  route: "/v4/launches",
  single: false,
  countable: true,
  schema: launchV4Schema as () => z.ZodType<LaunchV4>,
  description: "One row per launch, past or planned, in the shape of version 4.",
});
