import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { lazy, recordId } from "./fields.ts";
import type { Payload } from "./types/payloads.ts";

export const payloadSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    name: z.string().nullable().describe("Name, unique."),
    type: z.string().nullable().describe("Kind of payload, such as Satellite or Crew Dragon."),
    reused: z.boolean().describe("Whether it had flown before."),
    launch: z.string().nullable().describe("Id of its launch; a few point to launches that were deleted."),
    customers: z
      .array(z.string().describe("Name of a customer."))
      .describe("One row per payload and customer."),
    norad_ids: z
      .array(z.int().describe("Number in the NORAD satellite catalogue."))
      .describe("One row per catalogued object of a payload."),
    nationalities: z
      .array(z.string().describe("Name of a country."))
      .describe("One row per payload and country."),
    manufacturers: z
      .array(z.string().describe("Name of a manufacturer."))
      .describe("One row per payload and manufacturer."),
    mass_kg: z.number().nullable().describe("Mass, in kilograms."),
    mass_lbs: z.number().nullable().describe("Mass, in pounds."),
    orbit: z.string().nullable().describe("Target orbit, such as LEO or GTO."),
    reference_system: z.string().nullable().describe("What it moves around, such as geocentric."),
    regime: z.string().nullable().describe("Orbit regime, such as low-earth."),
    longitude: z.number().nullable().describe("Slot in geostationary orbit, in degrees east."),
    semi_major_axis_km: z.number().nullable().describe("Semi-major axis of the orbit, in kilometres."),
    eccentricity: z.number().nullable().describe("Eccentricity of the orbit, without unit."),
    periapsis_km: z.number().nullable().describe("Lowest height of the orbit, in kilometres."),
    apoapsis_km: z.number().nullable().describe("Greatest height of the orbit, in kilometres."),
    inclination_deg: z.number().nullable().describe("Inclination of the orbit, in degrees."),
    period_min: z.number().nullable().describe("Orbital period, in minutes."),
    lifespan_years: z.number().nullable().describe("Planned lifetime, in years."),
    epoch: z.iso.datetime().nullable().describe("Instant that the orbital elements belong to, in UTC."),
    mean_motion: z.number().nullable().describe("Mean motion, in revolutions per day."),
    raan: z.number().nullable().describe("Right ascension of the ascending node, in degrees."),
    arg_of_pericenter: z.number().nullable().describe("Argument of the pericentre, in degrees."),
    mean_anomaly: z.number().nullable().describe("Mean anomaly at the epoch, in degrees."),
    dragon: z
      .looseObject({
        capsule: z.string().nullable().describe("Id of the capsule."),
        mass_returned_kg: z.number().nullable().describe("Cargo brought back, in kilograms."),
        mass_returned_lbs: z.number().nullable().describe("Cargo brought back, in pounds."),
        flight_time_sec: z.int().nullable().describe("Duration of the flight, in seconds."),
        manifest: z.string().nullable().describe("Address of the cargo manifest."),
        water_landing: z.boolean().nullable().describe("Whether it landed in water."),
        land_landing: z.boolean().nullable().describe("Whether it landed on land."),
      })
      .describe("Facts of a Dragon flight; all null for other payloads."),
  }),
);

export const payloads = defineCollection({
  name: "payloads",
  route: "/v4/payloads",
  single: false,
  countable: true,
  schema: payloadSchema as () => z.ZodType<Payload>,
  description: "One row per payload: a satellite, a Dragon, a lander.",
});
