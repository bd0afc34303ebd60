import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { lazy, recordId } from "./fields.ts";
import type { Rocket } from "./types/rockets.ts";

function length(what: string) {
  return z
    .looseObject({
      meters: z.number().nullish().describe(`${what}, in metres.`),
      feet: z.number().nullish().describe(`${what}, in feet.`),
    })
    .nullish()
    .describe(`${what}.`);
}

function thrust(what: string) {
  return z
    .looseObject({
      kN: z
        .int()
        .nullish()
        .meta({ column: "kn", description: `${what}, in kilonewtons.` }),
      lbf: z.int().nullish().describe(`${what}, in pounds-force.`),
    })
    .nullish()
    .describe(`${what}.`);
}

const payloadWeightSchema = () =>
  z.looseObject({
    id: z.string().describe("Short name of the destination: leo, gto, moon, mars or pluto."),
    name: z.string().nullish().describe("Name of the destination."),
    kg: z.int().nullish().describe("Greatest payload to the destination, in kilograms."),
    lb: z.int().nullish().describe("Greatest payload to the destination, in pounds."),
  });

const firstStageSchema = () =>
  z.looseObject({
    reusable: z.boolean().nullish().describe("Whether the first stage can fly again."),
    engines: z.int().nullish().describe("Number of engines of the first stage."),
    fuel_amount_tons: z.number().nullish().describe("Propellant of the first stage, in metric tons."),
    burn_time_sec: z.int().nullish().describe("Burn time of the first stage, in seconds."),
    thrust_sea_level: thrust("Thrust of the first stage at sea level"),
    thrust_vacuum: thrust("Thrust of the first stage in vacuum"),
  });

const secondStageSchema = () =>
  z.looseObject({
    reusable: z.boolean().nullish().describe("Whether the second stage can fly again."),
    engines: z.int().nullish().describe("Number of engines of the second stage."),
    fuel_amount_tons: z.number().nullish().describe("Propellant of the second stage, in metric tons."),
    burn_time_sec: z.int().nullish().describe("Burn time of the second stage, in seconds."),
    thrust: thrust("Thrust of the second stage"),
    payloads: z
      .looseObject({
        option_1: z
          .string()
          .nullish()
          .describe("What sits on the second stage, such as a composite fairing."),
        composite_fairing: z
          .looseObject({
            height: length("Height of the fairing"),
            diameter: length("Diameter of the fairing"),
          })
          .nullish()
          .describe("Size of the fairing."),
      })
      .nullish()
      .describe("What the second stage carries."),
  });

const enginesSchema = () =>
  z.looseObject({
    number: z.int().nullish().describe("Number of engines of the first stage and its boosters."),
    type: z.string().nullish().describe("Name of the engine."),
    version: z.string().nullish().describe("Version of the engine; empty for Starship."),
    layout: z.string().nullish().describe("How the engines are arranged."),
    isp: z
      .looseObject({
        sea_level: z.int().nullish().describe("Specific impulse of the engine at sea level, in seconds."),
        vacuum: z.int().nullish().describe("Specific impulse of the engine in vacuum, in seconds."),
      })
      .nullish()
      .describe("Specific impulse."),
    engine_loss_max: z.int().nullish().describe("How many engines may fail without the loss of the mission."),
    propellant_1: z.string().nullish().describe("First propellant."),
    propellant_2: z.string().nullish().describe("Second propellant."),
    thrust_sea_level: thrust("Thrust of one engine at sea level"),
    thrust_vacuum: thrust("Thrust of one engine in vacuum"),
    thrust_to_weight: z
      .number()
      .nullish()
      .describe("Thrust of the engine divided by its weight, without unit."),
  });

export const rocketSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    name: z.string().nullish().describe("Name, such as Falcon 9."),
    type: z.string().nullish().describe("Kind of vehicle; always rocket."),
    active: z.boolean().nullish().describe("Whether the rocket still flies."),
    stages: z.int().nullish().describe("Number of stages."),
    boosters: z.int().nullish().describe("Number of side boosters."),
    cost_per_launch: z.int().nullish().describe("Price of a launch in US dollars."),
    success_rate_pct: z.int().nullish().describe("Share of successful launches, in percent."),
    first_flight: z.iso.date().nullish().describe("Day of the first flight; a placeholder for Starship."),
    country: z.string().nullish().describe("Country it was first launched from."),
    company: z.string().nullish().describe("Company that builds it."),
    height: length("Height"),
    diameter: length("Diameter"),
    mass: z
      .looseObject({
        kg: z.int().nullish().describe("Mass at lift-off, in kilograms."),
        lb: z.int().nullish().describe("Mass at lift-off, in pounds."),
      })
      .nullish()
      .describe("Mass at lift-off."),
    payload_weights: z
      .array(payloadWeightSchema())
      .describe("One row per rocket and destination that it can reach."),
    first_stage: firstStageSchema().nullish().describe("The first stage."),
    second_stage: secondStageSchema().nullish().describe("The second stage."),
    engines: enginesSchema().nullish().describe("The engines of the first stage."),
    landing_legs: z
      .looseObject({
        number: z.int().nullish().describe("Number of landing legs."),
        material: z.string().nullish().describe("Material of the landing legs."),
      })
      .nullish()
      .describe("The landing legs."),
    flickr_images: z
      .array(z.string().describe("Address of a picture."))
      .describe("One row per picture of a rocket."),
    wikipedia: z.string().nullish().describe("Address of the Wikipedia article."),
    description: z.string().nullish().describe("What the rocket is, as free text."),
  }),
);

export const rockets = defineCollection({
  name: "rockets",
  route: "/v4/rockets",
  single: false,
  countable: true,
  schema: rocketSchema as () => z.ZodType<Rocket>,
  description: "One row per type of rocket.",
});
