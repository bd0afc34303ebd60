import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { launchIds, lazy, openEnum, recordId } from "./fields.ts";
import type { Core } from "./types/cores.ts";

export const coreSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    serial: z.string().describe("Serial number, unique, such as B1051."),
    block: z.int().nullable().describe("Design block, 1 to 5; null for the cores of Falcon 1."),
    status: openEnum(["active", "inactive", "unknown", "expended", "lost", "retired"]).describe(
      "Condition of the core.",
    ),
    reuse_count: z.int().describe("How often it flew again after its first flight."),
    rtls_attempts: z.int().describe("Attempts to land back at the launch site."),
    rtls_landings: z.int().describe("Successful landings back at the launch site."),
    asds_attempts: z
      .int()
      .describe("Attempts to land on a drone ship; in the API always equal to asds_landings."),
    asds_landings: z.int().describe("Successful landings on a drone ship."),
    last_update: z.string().nullable().describe("Latest news of the core as free text."),
    launches: launchIds("core and past launch of it"),
  }),
);

export const cores = defineCollection({
  name: "cores",
  route: "/v4/cores",
  single: false,
  countable: true,
  schema: coreSchema as () => z.ZodType<Core>,
  description: "One row per first stage or side booster that was built.",
});
