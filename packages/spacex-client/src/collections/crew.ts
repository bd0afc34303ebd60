import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { launchIds, lazy, openEnum, recordId } from "./fields.ts";
import type { CrewMember } from "./types/crew.ts";

export const crewMemberSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    name: z.string().nullable().describe("Full name."),
    status: openEnum(["active", "inactive", "retired", "unknown"]).describe(
      "Whether the person still flies.",
    ),
    agency: z.string().nullable().describe("Employer or space agency, such as NASA."),
    image: z.string().nullable().describe("Address of a portrait."),
    wikipedia: z.string().nullable().describe("Address of the Wikipedia article."),
    launches: launchIds("person and past launch with that person on board"),
  }),
);

export const crew = defineCollection({
  name: "crew",
  route: "/v4/crew",
  single: false,
  countable: true,
  schema: crewMemberSchema as () => z.ZodType<CrewMember>,
  description: "One row per person who flew, or is to fly, on a Dragon.",
});
