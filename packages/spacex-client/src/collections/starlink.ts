import * as z from "zod";
import { defineCollection } from "./collection.ts";
import { lazy, recordId, utcWithoutZone } from "./fields.ts";
import type { StarlinkSatellite } from "./types/starlink.ts";

function text(what: string) {
  return z.string().nullable().describe(what);
}

function number(what: string) {
  return z.number().nullable().describe(what);
}

function integer(what: string) {
  return z.int().nullable().describe(what);
}

/** An orbit mean-elements message of Space-Track, with two-line elements beside it. */
const spaceTrackSchema = () =>
  z.looseObject({
    CCSDS_OMM_VERS: text("Version of the message format, such as 2.0."),
    COMMENT: text("Comment of the message."),
    CREATION_DATE: utcWithoutZone()
      .nullable()
      .describe("When the message was made; in UTC, sent without a zone."),
    ORIGINATOR: text("Who made the message."),
    OBJECT_NAME: text("Name in the catalogue, such as STARLINK-30."),
    OBJECT_ID: text("International designator, such as 2019-029K."),
    CENTER_NAME: text("Body that it orbits."),
    REF_FRAME: text("Reference frame of the elements."),
    TIME_SYSTEM: text("Time system of the epoch; UTC."),
    MEAN_ELEMENT_THEORY: text("Orbit model that the elements belong to, such as SGP4."),
    EPOCH: utcWithoutZone()
      .nullable()
      .describe("Instant that the elements belong to, to the microsecond; in UTC, sent without a zone."),
    MEAN_MOTION: number("Mean motion, in revolutions per day."),
    ECCENTRICITY: number("Eccentricity of the orbit, without unit."),
    INCLINATION: number("Inclination of the orbit, in degrees."),
    RA_OF_ASC_NODE: number("Right ascension of the ascending node, in degrees."),
    ARG_OF_PERICENTER: number("Argument of the pericentre, in degrees."),
    MEAN_ANOMALY: number("Mean anomaly at the epoch, in degrees."),
    EPHEMERIS_TYPE: integer("Type of the ephemeris; 0."),
    CLASSIFICATION_TYPE: text("Security classification; U for unclassified."),
    NORAD_CAT_ID: integer("Number in the NORAD satellite catalogue, unique."),
    ELEMENT_SET_NO: integer("Number of the element set."),
    REV_AT_EPOCH: integer("Revolution number at the epoch."),
    BSTAR: number("Drag term of the orbit model, per Earth radius."),
    MEAN_MOTION_DOT: number("First derivative of the mean motion, in revolutions per day squared."),
    MEAN_MOTION_DDOT: number("Second derivative of the mean motion, in revolutions per day cubed."),
    SEMIMAJOR_AXIS: number("Semi-major axis of the orbit, in kilometres."),
    PERIOD: number("Orbital period, in minutes."),
    APOAPSIS: number("Greatest height of the orbit, in kilometres."),
    PERIAPSIS: number("Lowest height of the orbit, in kilometres."),
    OBJECT_TYPE: text("Type of the object, such as PAYLOAD."),
    RCS_SIZE: text("Size class of the radar cross-section: SMALL, MEDIUM or LARGE."),
    COUNTRY_CODE: text("Code of the owner's country."),
    LAUNCH_DATE: z.iso.date().nullable().describe("Day of the launch."),
    SITE: text("Code of the launch site, such as AFETR."),
    DECAY_DATE: z.iso.date().nullable().describe("Day of re-entry; null while in orbit."),
    DECAYED: integer("1 after re-entry, else 0."),
    FILE: integer("Number of the file at Space-Track."),
    GP_ID: integer("Number of the element set at Space-Track, unique there."),
    TLE_LINE0: text("Title line of the two-line element set."),
    TLE_LINE1: text("First line of the two-line element set."),
    TLE_LINE2: text("Second line of the two-line element set."),
  });

export const starlinkSchema = lazy(() =>
  z.looseObject({
    id: recordId(),
    version: text("Version of the satellite, such as v1.0 or prototype."),
    launch: text("Id of its launch."),
    longitude: number("Longitude at the last update, in degrees east; null after re-entry."),
    latitude: number("Latitude at the last update, in degrees north; null after re-entry."),
    height_km: number("Height at the last update, in kilometres; null after re-entry."),
    velocity_kms: number("Speed at the last update, in kilometres per second; null after re-entry."),
    spaceTrack: spaceTrackSchema().meta({
      column: "space_track",
      description: "Orbital elements and catalogue entry of Space-Track.",
    }),
  }),
);

export const starlink = defineCollection({
  name: "starlink",
  route: "/v4/starlink",
  single: false,
  countable: true,
  schema: starlinkSchema as () => z.ZodType<StarlinkSatellite>,
  description: "One row per Starlink satellite, decayed ones included.",
});
