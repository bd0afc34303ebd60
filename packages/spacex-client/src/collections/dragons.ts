import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { lazy, recordId } from "./fields.ts";
import type { Dragon } from "./types/dragons.ts";

function mass(what: string) {
  return z
    .looseObject({
      kg: z.int().nullish().describe(`${what}, in kilograms.`),
      lb: z.int().nullish().describe(`${what}, in pounds.`),
    })
    .nullish()
    .describe(`${what}.`);
}

function volume(what: string) {
  return z
    .looseObject({
      cubic_meters: z.int().nullish().describe(`${what}, in cubic metres.`),
      cubic_feet: z.int().nullish().describe(`${what}, in cubic feet.`),
    })
    .nullish()
    .describe(`${what}.`);
}

function length(what: string) {
  return z
    .looseObject({
      meters: z.number().nullish().describe(`${what}, in metres.`),
      feet: z.number().nullish().describe(`${what}, in feet.`),
    })
    .nullish()
    .describe(`${what}.`);
}

const thrusterSchema = () =>
  z.looseObject({
    type: z.string().nullish().describe("Name of the thruster."),
    amount: z.int().nullish().describe("How many of them there are."),
    pods: z.int().nullish().describe("In how many pods they sit."),
    fuel_1: z.string().nullish().describe("First propellant."),
    fuel_2: z.string().nullish().describe("Second propellant."),
    isp: z.number().nullish().describe("Specific impulse, in seconds."),
    thrust: z
      .looseObject({
        kN: z.number().nullish().meta({ column: "kn", description: "Thrust, in kilonewtons." }),
        lbf: z.number().nullish().describe("Thrust, in pounds-force."),
      })
      .nullish()
      .describe("Thrust of one thruster."),
  });

export const dragonSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    name: z.string().describe("Name of the spacecraft type, unique."),
    type: z.string().describe("Kind of spacecraft; so far always capsule."),
    active: z.boolean().describe("Whether the type still flies."),
    crew_capacity: z.int().describe("Seats."),
    sidewall_angle_deg: z.int().describe("Angle of the side wall, in degrees."),
    orbit_duration_yr: z.int().describe("How long it can stay in orbit, in years."),
    dry_mass_kg: z.int().describe("Mass without propellant, in kilograms."),
    dry_mass_lb: z.int().describe("Mass without propellant, in pounds."),
    first_flight: z.iso.date().nullable().describe("Day of the first flight."),
    heat_shield: z
      .looseObject({
        material: z.string().describe("Material of the heat shield."),
        size_meters: z.number().describe("Diameter of the heat shield, in metres."),
        temp_degrees: z
          .int()
          .nullish()
          .describe("Temperature the heat shield bears, in degrees (unit not stated)."),
        dev_partner: z.string().nullish().describe("Partner in the development of the heat shield."),
      })
      .describe("The heat shield."),
    thrusters: z
      .array(thrusterSchema())
      .nullish()
      .describe("One row per kind of thruster of a spacecraft type."),
    launch_payload_mass: mass("Payload mass at launch"),
    launch_payload_vol: volume("Payload volume at launch"),
    return_payload_mass: mass("Payload mass on return"),
    return_payload_vol: volume("Payload volume on return"),
    pressurized_capsule: z
      .looseObject({ payload_volume: volume("Payload volume of the pressurized part") })
      .nullish()
      .describe("The pressurized part."),
    trunk: z
      .looseObject({
        trunk_volume: volume("Volume of the trunk"),
        cargo: z
          .looseObject({
            solar_array: z.int().nullish().describe("Number of solar arrays on the trunk."),
            unpressurized_cargo: z
              .boolean()
              .nullish()
              .describe("Whether the trunk takes unpressurized cargo."),
          })
          .nullish()
          .describe("What the trunk carries."),
      })
      .nullish()
      .describe("The trunk."),
    height_w_trunk: length("Height with trunk"),
    diameter: length("Diameter"),
    flickr_images: z
      .array(z.string().describe("Address of a picture."))
      .describe("One row per picture of a spacecraft type."),
    wikipedia: z.string().nullish().describe("Address of the Wikipedia article."),
    description: z.string().nullish().describe("What the spacecraft is, as free text."),
  }),
);

export const dragons = defineCollection({
  name: "dragons",
  route: "/v4/dragons",
  single: false,
  countable: true,
  schema: dragonSchema as () => z.ZodType<Dragon>,
  description: "One row per type of Dragon spacecraft.",
});
