import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { launchIds, lazy, recordId } from "./fields.ts";
import type { Ship } from "./types/ships.ts";

export const shipSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    name: z.string().describe("Name, unique."),
    legacy_id: z.string().nullable().describe("Id in version 3 of the API."),
    model: z.string().nullable().describe("Model of the ship."),
    type: z.string().nullable().describe("Kind of ship, such as Tug or Barge."),
    roles: z
      .array(z.string().describe("A role, such as Fairing Recovery."))
      .describe("One row per ship and role."),
    active: z.boolean().describe("Whether the ship is in service."),
    imo: z.int().nullable().describe("Number at the International Maritime Organization."),
    mmsi: z.int().nullable().describe("Maritime mobile service identity: the number of its radio station."),
    abs: z.int().nullable().describe("Number at the American Bureau of Shipping."),
    class: z.int().nullable().describe("Class number at the American Bureau of Shipping."),
    mass_kg: z.int().nullable().describe("Mass, in kilograms."),
    mass_lbs: z.int().nullable().describe("Mass, in pounds."),
    year_built: z.int().nullable().describe("Year it was built in."),
    home_port: z.string().nullable().describe("Home port."),
    status: z.string().nullable().describe("What the ship is doing; empty or null in all known records."),
    speed_kn: z.number().nullable().describe("Speed, in knots."),
    course_deg: z.number().nullable().describe("Course, in degrees from north."),
    latitude: z.number().nullable().describe("Latitude, in degrees north."),
    longitude: z.number().nullable().describe("Longitude, in degrees east."),
    last_ais_update: z
      .string()
      .nullable()
      .describe("When the position was last received; null in all known records."),
    link: z.string().nullable().describe("Address of a page about the ship."),
    image: z.string().nullable().describe("Address of a picture."),
    launches: launchIds("ship and past launch that it took part in"),
  }),
);

export const ships = defineCollection({
  name: "ships",
  route: "/v4/ships",
  single: false,
  countable: true,
  schema: shipSchema as () => z.ZodType<Ship>,
  description: "One row per ship that recovers stages, fairings or capsules.",
});
