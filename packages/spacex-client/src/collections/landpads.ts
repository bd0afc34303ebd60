import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { launchIds, lazy, openEnum, recordId } from "./fields.ts";
import type { Landpad } from "./types/landpads.ts";

export const landpadSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    name: z.string().nullable().describe("Short name, such as LZ-1."),
    full_name: z.string().nullable().describe("Full name."),
    status: openEnum(["active", "inactive", "unknown", "retired", "lost", "under construction"]).describe(
      "Whether the pad is in use.",
    ),
    type: z.string().nullable().describe("RTLS for a pad on land, ASDS for a drone ship."),
    locality: z.string().nullable().describe("Town or port."),
    region: z.string().nullable().describe("State or region."),
    latitude: z.number().nullable().describe("Latitude, in degrees north."),
    longitude: z.number().nullable().describe("Longitude, in degrees east."),
    landing_attempts: z.int().describe("Landing attempts; the API counts those of successful launches only."),
    landing_successes: z.int().describe("Landings that succeeded."),
    wikipedia: z.string().nullable().describe("Address of the Wikipedia article."),
    details: z.string().nullable().describe("What the pad is, as free text."),
    launches: launchIds("pad and past launch with a landing on it"),
    images: z
      .looseObject({
        large: z
          .array(z.string().describe("Address of a picture."))
          .describe("One row per picture of a pad."),
      })
      .describe("Pictures."),
  }),
);

export const landpads = defineCollection({
  name: "landpads",
  route: "/v4/landpads",
  single: false,
  countable: true,
  schema: landpadSchema as () => z.ZodType<Landpad>,
  description: "One row per pad on land or drone ship where first stages land.",
});
