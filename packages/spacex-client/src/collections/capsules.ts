import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { launchIds, lazy, openEnum, recordId } from "./fields.ts";
import type { Capsule } from "./types/capsules.ts";

export const capsuleSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    serial: z.string().describe("Serial number, unique, such as C101."),
    status: openEnum(["unknown", "active", "retired", "destroyed"]).describe("Condition of the capsule."),
    type: openEnum(["Dragon 1.0", "Dragon 1.1", "Dragon 2.0"]).describe("Generation of the capsule."),
    dragon: z.string().nullish().describe("Id of the dragon (capsule type); so far absent in every answer."),
    reuse_count: z.int().describe("How often it flew again after its first flight."),
    water_landings: z.int().describe("Number of splashdowns."),
    land_landings: z.int().describe("Number of landings on land."),
    last_update: z.string().nullable().describe("Latest news of the capsule as free text."),
    launches: launchIds("capsule and past launch of it"),
  }),
);

export const capsules = defineCollection({
  name: "capsules",
  route: "/v4/capsules",
  single: false,
  countable: true,
  schema: capsuleSchema as () => z.ZodType<Capsule>,
  description: "One row per Dragon capsule that was built.",
});
