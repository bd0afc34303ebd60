import { expect, test } from "vitest";
import { definitions } from "../collections/index.ts";
import { fieldPaths } from "./field-paths.ts";
import { sentFilter } from "./filter.ts";
import { sentOptions } from "./options.ts";

const launches = fieldPaths(definitions.launches.schema);
const rockets = fieldPaths(definitions.rockets.schema);

test("id becomes _id wherever a record is meant, and nowhere else", () => {
  expect(
    sentFilter(
      { id: "a", $or: [{ id: { $in: ["b"] } }, { $and: [{ $nor: [{ id: "c" }] }] }] },
      launches,
      "launches",
    ),
  ).toEqual({ _id: "a", $or: [{ _id: { $in: ["b"] } }, { $and: [{ $nor: [{ _id: "c" }] }] }] });
  const within = {
    payload_weights: { $elemMatch: { id: "leo", kg: { $gt: 1 } } },
    "payload_weights.id": "gto",
  };
  expect(sentFilter(within, rockets, "rockets")).toEqual(within);
});

test("what MongoDB understands goes through as it is", () => {
  const filter = {
    "cores.core": "5e9e289df35918033d3b2623",
    "cores.0.landing_success": true,
    cores: {
      $elemMatch: { landing_type: "ASDS", landing_attempt: { $not: { $eq: false } } },
      $not: { $size: 0 },
    },
    ships: { $all: ["a", "b"], $elemMatch: { $gt: "a" } },
    "links.patch.small": { $exists: true, $ne: null },
    name: { $regex: "^Star", $options: "i" },
    success: null,
    $text: { $search: "moon" },
  };
  expect(sentFilter(filter, launches, "launches")).toEqual(filter);
  expect(sentFilter(undefined, launches, "launches")).toEqual({});
  expect(sentFilter({ date_utc: { $gte: new Date(0) } }, launches, "launches")).toEqual({
    date_utc: { $gte: "1970-01-01T00:00:00.000Z" },
  });
});

test.each<[string, unknown, RegExp, RegExp?]>([
  ["an unknown field", { flightNumber: 1 }, /no field "flightNumber"/, /"flight_number"/],
  ["a typing error", { sucess: true }, /no field "sucess"/, /"success"/],
  ["the documentation's error", { tdb: true }, /no field "tdb"/, /"tbd"/],
  ["a field of another level", { landing_success: true }, /no field/, /"cores.landing_success"/],
  ["an unknown field in $or", { $or: [{ name: "x" }, { nam: "y" }] }, /no field "nam"/, /"name"/],
  ["an unknown field of an element", { cores: { $elemMatch: { core_id: 1 } } }, /no field "cores.core_id"/],
  ["a name of every object", { constructor: 1 }, /no field "constructor"/],
  ["options inside of query", { options: { limit: 1 } }, /options stands inside/, /beside query/],
  ["an operator at the top", { $where: "true" }, /\$where cannot stand here/],
  ["an unknown operator", { name: { $gtt: 1 } }, /unknown operator \$gtt/],
  ["an unknown operator in $not", { name: { $not: { $like: 1 } } }, /unknown operator \$like/],
  ["an empty $or", { $or: [] }, /\$or needs a list/],
  ["an empty filter in $or", { $or: [{}, { name: "x" }] }, /every record matches/],
  ["an undefined value", { rocket: undefined }, /rocket is undefined/],
  ["an undefined operand", { rocket: { $in: [undefined] } }, /rocket is undefined/],
  ["not a number", { flight_number: Number.NaN }, /NaN/],
  ["a bigint", { flight_number: 1n }, /bigint/],
  ["a regular expression", { name: /x/ }, /RegExp/, /\$regex/],
  ["a whole object", { links: { wikipedia: null } }, /equal in every field/, /"links.wikipedia"/],
  ["an empty object", { links: {} }, /equal in every field/],
  ["id twice", { id: "a", _id: "b" }, /both id and _id/],
  ["$in without a list", { name: { $in: "x" } }, /\$in of name needs a list/],
  ["no object", "name=x", /must be an object/],
])("%s is refused", (_, filter, message, hint) => {
  expect(() => sentFilter(filter, launches, "launches")).toThrow(
    expect.objectContaining({
      kind: "usage",
      code: "QUERY_INVALID",
      exitCode: 2,
      message: expect.stringMatching(message) as string,
      ...(hint === undefined ? {} : { hint: expect.stringMatching(hint) as string }),
    }),
  );
});

test("options get their defaults, and a sort always ends in the id", () => {
  const sort = (value: unknown): unknown =>
    Object.entries(sentOptions({ sort: value }, launches, "launches").sort);
  expect(sentOptions({}, launches, "launches")).toEqual({ limit: 100, page: 1, sort: { _id: 1 } });
  expect(sort({ date_utc: "desc", name: 1 })).toEqual([
    ["date_utc", -1],
    ["name", 1],
    ["_id", 1],
  ]);
  expect(sort({ name: "asc", id: -1, date_utc: 1 })).toEqual([
    ["name", 1],
    ["_id", -1],
  ]);
  expect(sentOptions({ select: ["name", "name"] }, launches, "launches").select).toEqual(["name"]);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ["an unknown sort field", { sort: { flight: 1 } }, /sort names "flight"/],
  ["a wrong direction", { sort: { name: "down" } }, /direction down/],
  ["a direction that every object has", { sort: { name: "constructor" } }, /direction constructor/],
  ["a sort as text", { sort: "-name" }, /no object/],
  ["a selected unknown field", { select: ["nme"] }, /select names "nme"/],
  ["a selected inner field", { select: ["links.patch"] }, /no top-level field/],
  ["an empty selection", { select: [] }, /no list/],
  ["a limit of zero", { limit: 0 }, /limit is 0/],
  ["a page as text", { page: "2" }, /page is 2/],
  ["an option that changes the answer's shape", { pagination: false }, /no option "pagination"/],
])("%s is refused", (_, options, message) => {
  expect(() => sentOptions(options, launches, "launches")).toThrow(message);
});
