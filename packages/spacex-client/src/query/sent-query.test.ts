import { expect, test } from "vitest";
import { sentObjectQuery, sentQuery, type SentOptions } from "./sent-query.ts";
import { targetOf, targetOfLaunchesV4 } from "./target.ts";

function options(query: unknown, target = targetOf("launches")): SentOptions {
  return sentQuery(query, target).options;
}

test("a query gets its defaults", () => {
  expect(options(undefined)).toEqual({ limit: 100, page: 1, sort: { _id: 1 } });
  expect(options({ limit: 7, page: 3, sort: undefined, select: undefined })).toEqual({
    limit: 7,
    page: 3,
    sort: { _id: 1 },
  });
});

test("a sort in each of its forms ends in the id", () => {
  const sort = (value: unknown): unknown => Object.entries(options({ sort: value }).sort);
  const expected = [
    ["date_utc", -1],
    ["name", 1],
    ["_id", 1],
  ];
  expect(sort({ date_utc: "desc", name: 1 })).toEqual(expected);
  expect(
    sort([
      ["date_utc", -1],
      ["name", "asc"],
    ]),
  ).toEqual(expected);
  expect(sort("-date_utc")).toEqual([expected[0], expected[2]]);
  expect(sort("id")).toEqual([["_id", 1]]);
  expect(sort("-id")).toEqual([["_id", -1]]);
  expect(sort({ name: "asc", id: -1, date_utc: 1 })).toEqual([
    ["name", 1],
    ["_id", -1],
  ]);
  expect(sort({ "cores.flight": 1, "cores.landing_type": 1 })).toHaveLength(3);
});

test("selected paths are sent once, and none inside of another one", () => {
  expect(options({ select: ["name", "id", "links.patch.small", "links.patch", "name"] }).select).toBe(
    "name _id links.patch",
  );
  expect(options({ select: ["-links.patch.small", "-links.patch"] }).select).toBe("-links.patch");
  expect(options({ select: ["id"] }).select).toBe("_id");
});

test("what is populated is sent in the shortest form that the API takes", () => {
  expect(options({ populate: "rocket" }).populate).toBe("rocket");
  expect(options({ populate: ["rocket"] }).populate).toBe("rocket");
  expect(options({ populate: [] }).populate).toBeUndefined();
  expect(
    options({
      populate: [
        "cores.core",
        { path: "payloads", select: ["name"], populate: { path: "dragon.capsule", select: ["-launches"] } },
      ],
    }).populate,
  ).toEqual([
    "cores.core",
    {
      path: "payloads",
      select: "name dragon.capsule",
      populate: { path: "dragon.capsule", select: "-launches" },
    },
  ]);
});

test("a populated path is selected with the others", () => {
  expect(options({ select: ["name"], populate: ["rocket", "cores.core"] }).select).toBe(
    "name rocket cores.core",
  );
  expect(options({ select: ["name", "cores"], populate: "cores.core" }).select).toBe("name cores");
  expect(options({ select: ["-links"], populate: "rocket" }).select).toBe("-links");
  expect(() => options({ select: ["-cores"], populate: "cores.core" })).toThrow(/leaves out cores.core/);
});

test("version 4 rewrites crew only where it stands alone or in an object", () => {
  const v4 = targetOfLaunchesV4();
  expect(options({ populate: "crew" }, v4).populate).toBe("crew");
  expect(options({ populate: ["crew"] }, v4).populate).toBe("crew");
  expect(options({ populate: [{ path: "crew", select: ["name"] }] }, v4).populate).toEqual({
    path: "crew",
    select: "name",
  });
  expect(options({ populate: ["rocket", "crew"] }, v4).populate).toEqual(["rocket", "crew.crew"]);
  expect(() => options({ populate: "crew.crew" }, v4)).toThrow(/"crew.crew", which is no field/);
  expect(() => options({ populate: "crew" })).toThrow(/"crew", which holds no ids/);
});

test("one object has no pages, no order and nothing to populate", () => {
  const roadster = targetOf("roadster");
  const sent = sentObjectQuery({ query: { name: "x" }, select: ["name", "period_days"] }, roadster);
  expect([sent.filter, sent.options]).toEqual([{ name: "x" }, { select: "name period_days" }]);
  expect(sentObjectQuery(undefined, roadster).options).toEqual({});
  for (const key of ["limit", "page", "sort", "populate", "options"])
    expect(() => sentObjectQuery({ [key]: 1 }, roadster), key).toThrow(/unknown key/);
});

test.each<[string, unknown, RegExp, RegExp?]>([
  ["no object", "name", /no object/],
  [
    "the API's own options",
    { options: { limit: 1 } },
    /unknown key "options"/,
    /beside query: \{ query, sort/,
  ],
  ["a filter of another name", { filter: {} }, /unknown key "filter"/, /under query/],
  ["a typing error", { lmit: 1 }, /unknown key "lmit"/, /Did you mean limit/],
  ["an offset", { offset: 3 }, /unknown key "offset"/, /limit and page/],
  ["no pages", { pagination: false }, /unknown key "pagination"/, /list\(\)/],
  ["renamed envelope fields", { customLabels: {} }, /unknown key "customLabels"/, /renames/],
  ["raw records", { lean: true }, /unknown key "lean"/],
  ["an estimated count", { useEstimatedCount: true }, /unknown key "useEstimatedCount"/],
  ["a projection", { projection: {} }, /unknown key "projection"/, /select/],
  ["a limit of zero", { limit: 0 }, /limit is 0/, /count\(\)/],
  ["a half page", { page: 1.5 }, /page is 1.5/],
  ["a page as text", { page: "2" }, /page is 2/],
  ["an unknown sort field", { sort: { flight: 1 } }, /sort names "flight"/],
  ["a wrong direction", { sort: { name: "down" } }, /direction down/],
  ["a direction that every object has", { sort: { name: "constructor" } }, /direction constructor/],
  ["a list of fields", { sort: ["name", "date_utc"] }, /neither an object/],
  ["several fields as text", { sort: "name -date_utc" }, /sort names "name -date_utc"/],
  [
    "a field twice",
    {
      sort: [
        ["name", 1],
        ["name", -1],
      ],
    },
    /names name twice/,
  ],
  ["two lists", { sort: { ships: 1, "cores.flight": 1 } }, /two lists, ships and cores/],
  ["a selected unknown field", { select: ["nme"] }, /select names "nme"/, /"name"/],
  ["a selected position", { select: ["cores.0.core"] }, /select names "cores.0.core"/],
  ["an empty selection", { select: [] }, /no list/],
  ["a selection as text", { select: "name" }, /no list/],
  ["a selection of both kinds", { select: ["name", "-links"] }, /both names fields and leaves/],
  ["a selection without the id", { select: ["-id"] }, /leaves out the id/],
  ["a populated unknown path", { populate: ["rockt"] }, /"rockt", which is no field/, /"rocket"/],
  ["a populated field without ids", { populate: "name" }, /"name", which holds no ids/],
  ["two paths as text", { populate: "rocket launchpad" }, /is no field/, /What can be populated/],
  ["a populated path twice", { populate: ["rocket", { path: "rocket" }] }, /names rocket twice/],
  ["a condition of populate", { populate: { path: "rocket", match: {} } }, /unknown key "match"/, /null/],
  ["populate without a path", { populate: { select: ["name"] } }, /neither a path nor/],
  [
    "an unknown field of a populated record",
    { populate: { path: "rocket", select: ["serial"] } },
    /query of launches \(populate rocket\)/,
  ],
])("%s is refused", (_, query, message, hint) => {
  expect(() => options(query)).toThrow(
    expect.objectContaining({
      kind: "usage",
      code: "QUERY_INVALID",
      message: expect.stringMatching(message) as string,
      ...(hint === undefined ? {} : { hint: expect.stringMatching(hint) as string }),
    }),
  );
});
