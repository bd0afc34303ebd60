import { expect, test } from "vitest";
import { sentFilter, type SentFilter } from "./filter.ts";
import { targetOf, targetOfLaunchesV4 } from "./target.ts";

type Name = Parameters<typeof targetOf>[0];

function sent(filter: unknown, name: Name = "launches"): SentFilter {
  const { collection, stored, searchable } = targetOf(name);
  return sentFilter(filter, { collection, fields: stored, searchable });
}

const ID = "5eb87cd9ffd86e000604b32a";
const OTHER = "5eb87cdaffd86e000604b32b";

test("id becomes _id wherever a record is meant, and nowhere else", () => {
  expect(
    sent({ id: ID, $or: [{ id: { $in: [OTHER] } }, { $and: [{ $nor: [{ id: { $not: { $eq: ID } } }] }] }] }),
  ).toEqual({
    _id: ID,
    $or: [{ _id: { $in: [OTHER] } }, { $and: [{ $nor: [{ _id: { $not: { $eq: ID } } }] }] }],
  });
  const within = {
    payload_weights: { $elemMatch: { id: "leo", kg: { $gt: 1 }, $or: [{ id: "leo" }] } },
    "payload_weights.id": "gto",
  };
  expect(sent(within, "rockets")).toEqual(within);
});

test("what MongoDB understands goes through as it is", () => {
  const filter = {
    "cores.core": ID,
    "cores.0.landing_success": true,
    cores: {
      $elemMatch: { landing_type: "ASDS", landing_attempt: { $not: { $eq: false } } },
      $all: [{ $elemMatch: { flight: { $mod: [2, 0] } } }],
      $not: { $size: 0 },
    },
    ships: { $all: [ID, OTHER], $elemMatch: { $gt: ID }, $size: 2 },
    capsules: [ID],
    "links.patch.small": { $exists: true, $ne: null },
    name: { $regex: "^Star", $options: "i" },
    success: null,
    fairings: { $ne: null },
    rocket: null,
    "failures.time": { $in: [33, null] },
    $text: { $search: "moon" },
  };
  expect(sent(filter)).toEqual(filter);
  expect(sent(undefined)).toEqual({});
  expect(sent({})).toEqual({});
});

test("instants are sent in the form that the API keeps, since it compares texts", () => {
  const date = new Date("2022-10-05T16:00:00Z");
  const operands = [
    date,
    "2022-10-05T16:00:00Z",
    "2022-10-05T18:00:00+02:00",
    "2022-10-05T16:00:00.000Z",
    "2022-10-05",
    "2022",
  ];
  expect(sent({ date_utc: { $in: operands } })).toEqual({
    date_utc: { $in: [...Array<string>(4).fill("2022-10-05T16:00:00.000Z"), "2022-10-05", "2022"] },
  });
  expect(sent({ event_date_utc: { $gte: date, $lt: "2022-10-05T16:00:00.500Z" } }, "history")).toEqual({
    event_date_utc: { $gte: "2022-10-05T16:00:00Z", $lt: "2022-10-05T16:00:00Z" },
  });
  expect(sent({ epoch: date }, "payloads")).toEqual({ epoch: "2022-10-05T16:00:00.000Z" });
});

test("version 4 of launches is filtered as it is stored", () => {
  const { collection, stored, searchable } = targetOfLaunchesV4();
  const of = { collection, fields: stored, searchable };
  expect(sentFilter({ "crew.crew": ID }, of)).toEqual({ "crew.crew": ID });
  expect(() => sentFilter({ crew: ID }, of)).toThrow(/crew is a list of objects/);
});

test.each<[string, unknown, RegExp, RegExp?]>([
  ["an unknown field", { flightNumber: 1 }, /no field "flightNumber"/, /"flight_number"/],
  ["a typing error", { sucess: true }, /no field "sucess"/, /"success"/],
  ["the documentation's error", { tdb: true }, /no field "tdb"/, /"tbd"/],
  ["a field of another level", { landing_success: true }, /no field/, /"cores.landing_success"/],
  ["a field that is far from any", { orbit: "LEO" }, /no field "orbit"/, /fields are id, flight_number/],
  ["an unknown field in $or", { $or: [{ name: "x" }, { nam: "y" }] }, /no field "nam"/, /"name"/],
  ["an unknown field of an element", { cores: { $elemMatch: { core_id: 1 } } }, /no field "cores.core_id"/],
  ["a name of every object", { constructor: 1 }, /no field "constructor"/],
  ["options inside of query", { options: { limit: 1 } }, /options stands inside/, /beside query/],
  ["an operator at the top", { $where: "true" }, /\$where cannot stand here/],
  ["an unknown operator", { name: { $gtt: 1 } }, /unknown operator \$gtt/, /takes \$eq, .*\$regex/],
  ["an unknown operator in $not", { name: { $not: { $like: 1 } } }, /unknown operator \$like/],
  ["an expression for a number", { flight_number: { $regex: "1" } }, /unknown operator \$regex/],
  ["an expression for an id", { rocket: { $regex: "1" } }, /unknown operator \$regex/],
  ["an order of booleans", { success: { $gt: false } }, /unknown operator \$gt/],
  ["a size of a text", { name: { $size: 1 } }, /unknown operator \$size/],
  ["a half size", { ships: { $size: 0.5 } }, /\$size of ships is no number/],
  ["a presence as a number", { name: { $exists: 1 } }, /\$exists of name is no boolean/],
  ["flags without an expression", { name: { $options: "i" } }, /without \$regex/],
  ["an expression of another kind", { name: { $regex: /x/ } }, /\$regex of name is a RegExp/],
  ["an empty $or", { $or: [] }, /\$or needs a list/],
  ["an empty filter in $or", { $or: [{}, { name: "x" }] }, /every record matches/],
  ["words inside of $or", { $or: [{ $text: { $search: "x" } }] }, /\$text stands inside/],
  ["words without a search", { $text: "moon" }, /\$text is not/],
  ["an undefined value", { rocket: undefined }, /rocket is undefined/],
  ["an undefined operand", { rocket: { $in: [undefined] } }, /rocket is undefined/],
  ["not a number", { flight_number: Number.NaN }, /NaN/],
  ["a bigint", { flight_number: 1n }, /bigint/],
  ["text for a number", { flight_number: "7" }, /flight_number is compared with "7"/, /number/],
  ["a Date for seconds", { date_unix: new Date(0) }, /date_unix is a Date/, /getTime\(\) \/ 1000/],
  ["a Date for local time", { date_local: new Date(0) }, /date_local is a Date/, /text/],
  ["an invalid Date", { date_utc: new Date("x") }, /invalid date/],
  ["a date-time without a zone", { date_utc: "2022-10-05T16:00:00" }, /names no instant/, /zone/],
  ["a number for text", { name: 7 }, /name is compared with 7/, /text/],
  ["text for a boolean", { success: "yes" }, /success is compared with "yes"/, /true or false/],
  ["a name for an id", { rocket: "Falcon 9" }, /"Falcon 9", which is no id/, /24 hex/],
  ["a wrong id in a list", { ships: { $in: [ID, "x"] } }, /"x", which is no id/],
  ["a regular expression", { name: /x/ }, /RegExp/, /\$regex/],
  ["several values", { name: ["a", "b"] }, /compared with a list/, /\$in/],
  ["a whole object", { links: { wikipedia: null } }, /equal in every field/, /"links.wikipedia"/],
  ["an empty object", { links: {} }, /equal in every field/],
  ["a value for an object", { links: "x" }, /only be compared with null/],
  ["a value for a list of objects", { crew: ID }, /list of objects/, /"crew\.…"/],
  ["a value in $all of objects", { cores: { $all: [ID] } }, /other than \$elemMatch/],
  ["a filter of values", { ships: { $elemMatch: { name: "x" } } }, /\$elemMatch of ships needs operators/],
  ["id twice", { id: ID, _id: OTHER }, /both id and _id/],
  ["$in without a list", { name: { $in: "x" } }, /\$in of name needs a list/],
  ["no object", "name=x", /must be an object/],
])("%s is refused", (_, filter, message, hint) => {
  expect(() => sent(filter)).toThrow(
    expect.objectContaining({
      kind: "usage",
      code: "QUERY_INVALID",
      exitCode: 2,
      message: expect.stringMatching(message) as string,
      ...(hint === undefined ? {} : { hint: expect.stringMatching(hint) as string }),
    }),
  );
});

test("words are refused where the API has no index for them", () => {
  const search = { $text: { $search: "x" } };
  for (const name of ["company", "roadster", "starlink"] as const)
    expect(() => sent(search, name), name).toThrow(/no text index/);
  expect(sent(search, "dragons")).toEqual(search);
});
