import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { launchIds, lazy, openEnum, recordId } from "./fields.ts";
import type { Launchpad } from "./types/launchpads.ts";

export const launchpadSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    name: z.string().nullable().describe("Short name, such as KSC LC 39A."),
    full_name: z.string().nullable().describe("Full name."),
    status: openEnum(["active", "inactive", "unknown", "retired", "lost", "under construction"]).describe(
      "Whether the site is in use.",
    ),
    locality: z.string().nullable().describe("Town or base."),
    region: z.string().nullable().describe("State or region."),
    timezone: z
      .string()
      .nullable()
      .describe("Name in the IANA time zone database, such as America/New_York."),
    latitude: z.number().nullable().describe("Latitude, in degrees north."),
    longitude: z.number().nullable().describe("Longitude, in degrees east."),
    launch_attempts: z.int().describe("Launches from the site, failed ones included."),
    launch_successes: z.int().describe("Launches from the site that succeeded."),
    rockets: z
      .array(z.string().describe("Id of a rocket."))
      .describe("One row per site and type of rocket that starts there."),
    launches: launchIds("site and past launch from it"),
    details: z.string().nullable().describe("What the site is, as free text."),
    images: z
      .looseObject({
        large: z
          .array(z.string().describe("Address of a picture."))
          .describe("One row per picture of a site."),
      })
      .describe("Pictures."),
  }),
);

export const launchpads = defineCollection({
  name: "launchpads",
  route: "/v4/launchpads",
  single: false,
  countable: true,
  schema: launchpadSchema as () => z.ZodType<Launchpad>,
  description: "One row per launch site.",
});
