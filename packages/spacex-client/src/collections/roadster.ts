import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { lazy, recordId } from "./fields.ts";
import type { Roadster } from "./types/roadster.ts";

export const roadsterSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    name: z.string().nullish().describe("Name of the object."),
    launch_date_utc: z.iso.datetime().nullish().describe("When it was launched, in UTC."),
    launch_date_unix: z.int().nullish().describe("When it was launched, in seconds since 1970-01-01 UTC."),
    launch_mass_kg: z.int().nullish().describe("Mass at launch, in kilograms."),
    launch_mass_lbs: z.int().nullish().describe("Mass at launch, in pounds."),
    norad_id: z.int().nullish().describe("Number in the NORAD satellite catalogue."),
    epoch_jd: z.number().nullish().describe("Instant that the orbital elements belong to, as a Julian date."),
    orbit_type: z.string().nullish().describe("What it moves around; heliocentric."),
    apoapsis_au: z.number().nullish().describe("Farthest point from the Sun, in astronomical units."),
    periapsis_au: z.number().nullish().describe("Nearest point to the Sun, in astronomical units."),
    semi_major_axis_au: z
      .number()
      .nullish()
      .describe(
        "Meant as semi-major axis in astronomical units; the API puts the mean anomaly in degrees here.",
      ),
    eccentricity: z.number().nullish().describe("Eccentricity of the orbit, without unit."),
    inclination: z.number().nullish().describe("Inclination of the orbit, in degrees."),
    longitude: z.number().nullish().describe("Longitude of the ascending node, in degrees."),
    periapsis_arg: z.number().nullish().describe("Argument of the periapsis, in degrees."),
    period_days: z.number().nullish().describe("Orbital period, in days."),
    speed_kph: z
      .number()
      .nullish()
      .describe(
        "Meant as speed in kilometres per hour; the API computes it wrongly from the distance to Mars.",
      ),
    speed_mph: z
      .number()
      .nullish()
      .describe("Meant as speed in miles per hour; the API computes it wrongly from the distance to Mars."),
    earth_distance_km: z.number().nullish().describe("Distance from the Earth, in kilometres."),
    earth_distance_mi: z.number().nullish().describe("Distance from the Earth, in miles."),
    mars_distance_km: z.number().nullish().describe("Distance from Mars, in kilometres."),
    mars_distance_mi: z.number().nullish().describe("Distance from Mars, in miles."),
    flickr_images: z
      .array(z.string().describe("Address of a picture."))
      .describe("One row per picture of the car."),
    wikipedia: z.string().nullish().describe("Address of the Wikipedia article."),
    video: z.string().nullish().describe("Address of a video."),
    details: z.string().nullish().describe("What the object is, as free text."),
  }),
);

export const roadster = defineCollection({
  name: "roadster",
  route: "/v4/roadster",
  single: true,
  countable: false,
  schema: roadsterSchema as () => z.ZodType<Roadster>,
  description: "One row: the car in orbit around the Sun, with its position at the last update.",
});
