import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { lazy, openEnum, recordId } from "./fields.ts";
import type { Launch } from "./types/launches.ts";

function text(what: string) {
  return z.string().nullable().describe(what);
}

function flag(what: string) {
  return z.boolean().nullable().describe(what);
}

const failureSchema = () =>
  z.looseObject({
    time: z.int().nullish().describe("When it failed, in seconds after lift-off; negative before it."),
    altitude: z.int().nullish().describe("Height at which it failed, in kilometres."),
    reason: z.string().nullish().describe("Why it failed, as free text."),
  });

const launchCoreSchema = () =>
  z.looseObject({
    core: text("Id of the core; null while none is assigned."),
    flight: z.int().nullable().describe("Which flight of the core it is, from 1."),
    gridfins: flag("Whether the core has grid fins."),
    legs: flag("Whether the core has landing legs."),
    reused: flag("Whether the core had flown before."),
    landing_attempt: flag("Whether a landing was tried."),
    landing_success: flag("Whether the landing succeeded; null where none was tried or nothing is known."),
    landing_type: text("ASDS (drone ship), RTLS (back at the launch site) or Ocean."),
    landpad: text("Id of the landpad."),
  });

const crewSeatSchema = () =>
  z.looseObject({
    crew: text("Id of the crew member."),
    role: text("Role on board, such as Commander."),
  });

const fairingsSchema = () =>
  z.looseObject({
    reused: flag("Whether a fairing half had flown before."),
    recovery_attempt: flag("Whether a recovery of the fairing was tried."),
    recovered: flag("Whether the fairing was recovered."),
    ships: z
      .array(z.string().describe("Id of a ship."))
      .describe("One row per launch and ship that took part in the recovery of the fairing."),
  });

const linksSchema = () =>
  z.looseObject({
    patch: z
      .looseObject({
        small: text("Address of the small picture of the mission patch."),
        large: text("Address of the large picture of the mission patch."),
      })
      .describe("Pictures of the mission patch."),
    reddit: z
      .looseObject({
        campaign: text("Address of the campaign thread on Reddit."),
        launch: text("Address of the launch thread on Reddit."),
        media: text("Address of the media thread on Reddit."),
        recovery: text("Address of the recovery thread on Reddit."),
      })
      .describe("Threads on Reddit."),
    flickr: z
      .looseObject({
        small: z
          .array(z.string().describe("Address of a small picture."))
          .describe("One row per small picture of a launch; empty in all known records."),
        original: z
          .array(z.string().describe("Address of a full-size picture."))
          .describe("One row per full-size picture of a launch."),
      })
      .describe("Pictures on Flickr."),
    presskit: text("Address of the press kit."),
    webcast: text("Address of the webcast."),
    youtube_id: text("Id of the webcast on YouTube."),
    article: text("Address of an article about the launch."),
    wikipedia: text("Address of the Wikipedia article."),
  });

export const launchSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    flight_number: z.int().describe("Number of the flight; not unique and with gaps."),
    name: z.string().describe("Name of the mission, unique."),
    date_utc: z.iso
      .datetime()
      .describe("Planned or actual lift-off in UTC; how much of it is meant: date_precision."),
    date_unix: z
      .int()
      .describe("Lift-off in seconds since 1970-01-01 UTC; differs from date_utc in two records."),
    date_local: z.iso
      .datetime({ offset: true })
      .meta({ logicalType: "string" })
      .describe(
        "Lift-off in local time with its offset, as the API writes it; the offset is sometimes wrong.",
      ),
    date_precision: openEnum(["half", "quarter", "year", "month", "day", "hour"]).describe(
      "How much of the date is meant: half (year), quarter, year, month, day or hour.",
    ),
    static_fire_date_utc: z.iso
      .datetime()
      .nullable()
      .describe("When the engines were tested on the pad, in UTC."),
    static_fire_date_unix: z
      .int()
      .nullable()
      .describe("When the engines were tested on the pad, in seconds since 1970-01-01 UTC."),
    tbd: z.boolean().describe("Whether the date is still to be determined."),
    net: z.boolean().describe("Whether the date is a lower bound (no earlier than)."),
    window: z
      .int()
      .nullable()
      .meta({ column: "window_sec" })
      .describe("Length of the launch window, in seconds."),
    rocket: text("Id of the rocket (vehicle type)."),
    success: flag("Whether the launch succeeded; null while unknown."),
    failures: z.array(failureSchema()).describe("One row per failure of a launch."),
    upcoming: z
      .boolean()
      .describe("Whether the API still lists it as planned; stale since its data stopped in 2022."),
    details: text("What happened, as free text."),
    fairings: fairingsSchema()
      .nullable()
      .describe("The fairing; null where there is none, as on Dragon flights."),
    crew: z.array(crewSeatSchema()).describe("One row per launch and crew member on board."),
    ships: z
      .array(z.string().describe("Id of a ship."))
      .describe("One row per launch and ship that supported it."),
    capsules: z
      .array(z.string().describe("Id of a capsule."))
      .describe("One row per launch and capsule on board."),
    payloads: z
      .array(z.string().describe("Id of a payload."))
      .describe("One row per launch and payload on board."),
    launchpad: text("Id of the launchpad."),
    cores: z
      .array(launchCoreSchema())
      .describe("One row per launch and core: 1, or 3 for Falcon Heavy; unassigned cores are all null."),
    links: linksSchema().describe("Addresses on the web."),
    auto_update: z.boolean().describe("Whether the API's own job may change the date."),
    launch_library_id: text("Id of the launch in Launch Library 2, a UUID."),
  }),
);

export const launches = defineCollection({
  name: "launches",
  route: "/v5/launches",
  single: false,
  countable: true,
  schema: launchSchema as () => z.ZodType<Launch>,
  description: "One row per launch, past or planned.",
});
