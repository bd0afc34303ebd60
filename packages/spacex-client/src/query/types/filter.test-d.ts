import { expectTypeOf, test } from "vitest";
import type { LaunchModel, LaunchV4Model, Models } from "../../collections/index.ts";
import type { FilterOf } from "./query.ts";
import type { Sort } from "./sort.ts";

/** Only checks that it is a filter of the collection. */
declare function filter<Name extends keyof Models>(name: Name, filter: FilterOf<Models[Name]>): void;
declare function sort<Name extends keyof Models>(name: Name, sort: Sort<Models[Name]["stored"]>): void;
declare function filterV4(filter: FilterOf<LaunchV4Model>): void;

test("fields at every depth, each with the operators of its type", () => {
  filter("launches", {
    id: { $in: ["5eb87cd9ffd86e000604b32a"] },
    name: { $regex: "^star", $options: "i" },
    flight_number: { $gte: 1, $mod: [2, 0], $not: { $eq: 7 } },
    success: null,
    net: { $ne: true },
    date_utc: { $gte: new Date(0), $lt: "2022" },
    date_precision: { $in: ["hour", "minute"] },
    rocket: { $exists: true, $gt: "5e9d0d95eda69973a809d1ec" },
    "links.patch.small": { $ne: null },
    "cores.core": "5e9e289df35918033d3b2623",
    ships: { $all: ["5ea6ed2e080df4000697c907"], $size: 2, $elemMatch: { $gt: "5" } },
    capsules: ["5e9e2c5df359188aba3b2676"],
    cores: {
      $elemMatch: { legs: true, $or: [{ flight: { $gt: 3 } }, { landpad: null }] },
      $not: { $size: 3 },
    },
    fairings: { $ne: null },
    $or: [{ "failures.reason": { $regex: "engine" } }, { $and: [{ upcoming: false }] }],
    $nor: [{ _id: "5eb87cd9ffd86e000604b32a" }],
    $text: { $search: "moon" },
  });
  filter("payloads", { norad_ids: { $in: [43205], $gt: 1 }, customers: "NASA", epoch: new Date(0) });
  filter("rockets", { payload_weights: { $elemMatch: { id: "leo", kg: { $gt: 1000 } } } });
  filter("starlink", { "spaceTrack.DECAYED": 0, version: { $regex: "^v1" } });
  filterV4({ "crew.crew": "5ebf1a6e23a9a60006e03a7a", "crew.role": { $ne: null } });
});

test("the element at a position of a list", () => {
  filter("launches", {
    "cores.0.landing_success": true,
    "ships.1": { $exists: true },
    "fairings.ships.0": null,
  });
  // @ts-expect-error No field of a core.
  filter("launches", { "cores.0.core_id": "5e9e289df35918033d3b2623" });
  // @ts-expect-error Text where true or false is.
  filter("launches", { "cores.0.legs": "yes" });
});

test("fields and operators that do not exist", () => {
  // @ts-expect-error A field that the documentation has and the API has not.
  filter("launches", { tdb: true });
  // @ts-expect-error The same inside of $or, where the API would match everything.
  filter("launches", { $or: [{ nmae: "x" }] });
  // @ts-expect-error No field of an element.
  filter("launches", { cores: { $elemMatch: { core_id: "x" } } });
  // @ts-expect-error The options of the API do not stand inside of query.
  filter("launches", { options: { limit: 1 } });
  // @ts-expect-error No operator of MongoDB.
  filter("launches", { flight_number: { $greater: 3 } });
  // @ts-expect-error A script that the API does not run.
  filter("launches", { $where: "true" });
  // @ts-expect-error Without a text index.
  filter("starlink", { $text: { $search: "x" } });
  // @ts-expect-error MongoDB takes it at the top only.
  filter("launches", { $or: [{ $text: { $search: "x" } }] });
});

test("values and operators of another type", () => {
  // @ts-expect-error Text where a number is.
  filter("launches", { flight_number: "7" });
  // @ts-expect-error A number where text is.
  filter("launches", { name: 7 });
  // @ts-expect-error Text where true or false is.
  filter("launches", { success: "yes" });
  // @ts-expect-error True and false have no order.
  filter("launches", { success: { $gt: false } });
  // @ts-expect-error Numbers match no expression.
  filter("launches", { flight_number: { $regex: "1" } });
  // @ts-expect-error Nor do ids.
  filter("launches", { rocket: { $regex: "^5" } });
  // @ts-expect-error Seconds, not a Date.
  filter("launches", { date_unix: { $gt: new Date(0) } });
  // @ts-expect-error Text of a local time, which a Date does not say.
  filter("launches", { date_local: new Date(0) });
  // @ts-expect-error A list of values of another type.
  filter("launches", { name: { $in: [1] } });
  // @ts-expect-error Not a list.
  filter("launches", { name: { $in: "x" } });
  // @ts-expect-error Any of several values is $in.
  filter("launches", { name: ["a", "b"] });
  // @ts-expect-error A whole object would have to be equal in every field.
  filter("launches", { fairings: { reused: true } });
  // @ts-expect-error A list of objects is compared by $elemMatch.
  filter("launches", { cores: "5e9e289df35918033d3b2623" });
  // @ts-expect-error A name has no size.
  filter("launches", { name: { $size: 1 } });
  // @ts-expect-error JSON has no expressions.
  filter("launches", { name: /^Star/ });
});

test("three forms of a sort", () => {
  sort("launches", { date_unix: "desc", id: 1, "links.patch.small": -1 });
  sort("launches", [
    ["success", 1],
    ["date_unix", "desc"],
  ]);
  sort("launches", "-date_unix");
  sort("crew", "name");
  // @ts-expect-error No field has this name.
  sort("launches", "-date");
  // @ts-expect-error No field has this name.
  sort("launches", { flight: 1 });
  // @ts-expect-error No direction.
  sort("launches", { name: "down" });
  // @ts-expect-error A list of pairs, not of fields.
  sort("launches", ["name", "date_unix"]);
});

test("the filter of version 4 is that of the stored records", () => {
  expectTypeOf<FilterOf<LaunchV4Model>["crew.role"]>().toEqualTypeOf<FilterOf<LaunchModel>["crew.role"]>();
});
