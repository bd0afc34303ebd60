import { expectTypeOf, test } from "vitest";
import { createSpaceXClient } from "../../client/index.ts";
import type {
  Capsule,
  Core,
  CrewMember,
  Dragon,
  EmptySeat,
  Landpad,
  Launch,
  Launchpad,
  LaunchV4,
  Payload,
  Rocket,
  Ship,
} from "../../collections/index.ts";
import type { QueryResult } from "./query.ts";

const client = createSpaceXClient();

type ItemOf<T> = T extends QueryResult<infer Item> ? Item : never;

test("without select and populate a query answers whole records", () => {
  expectTypeOf(client.launches.query()).toEqualTypeOf<QueryResult<Launch>>();
  expectTypeOf(client.launches.query({ query: { success: true }, limit: 10 })).toEqualTypeOf<
    QueryResult<Launch>
  >();
  expectTypeOf(client.v4.launches.query()).toEqualTypeOf<QueryResult<LaunchV4>>();
  expectTypeOf(client.rockets.query({ populate: [] })).toExtend<QueryResult<Rocket>>();
});

test("select keeps the fields that it names, and the id", () => {
  const query = client.launches.query({ select: ["name", "links.patch.small", "cores.core"] });
  expectTypeOf<ItemOf<typeof query>>().toEqualTypeOf<{
    readonly id: string;
    readonly name: string;
    readonly links: { readonly patch: { readonly small: string | null } };
    readonly cores: readonly { readonly core: string | null }[];
  }>();
  const whole = client.launches.query({ select: ["links", "links.patch", "id"] });
  expectTypeOf<ItemOf<typeof whole>>().toEqualTypeOf<Pick<Launch, "id" | "links">>();
  const nothing = client.launches.query({ select: ["id"] });
  expectTypeOf<ItemOf<typeof nothing>>().toEqualTypeOf<Pick<Launch, "id">>();
});

test("a part of an object that may be null may be missing with it", () => {
  const query = client.launches.query({ select: ["fairings.ships"] });
  expectTypeOf<ItemOf<typeof query>["fairings"]>().toEqualTypeOf<
    { readonly ships: readonly string[] } | null | undefined
  >();
  const height = client.rockets.query({ select: ["height.meters"] });
  expectTypeOf<ItemOf<typeof height>>().toEqualTypeOf<{
    readonly id: string;
    readonly height?: { readonly meters?: number | null | undefined } | null | undefined;
  }>();
});

test("select with a minus leaves fields out", () => {
  const query = client.launches.query({ select: ["-links", "-cores.core", "-fairings.ships"] });
  type Item = ItemOf<typeof query>;
  expectTypeOf<Item>().not.toHaveProperty("links");
  expectTypeOf<Item>().toHaveProperty("id");
  expectTypeOf<Item["cores"][number]>().not.toHaveProperty("core");
  expectTypeOf<Item["cores"][number]["landpad"]>().toEqualTypeOf<string | null>();
  expectTypeOf<Item["fairings"]>().toEqualTypeOf<Omit<NonNullable<Launch["fairings"]>, "ships"> | null>();
  const crew = client.crew.query({ select: ["-launches"] });
  expectTypeOf<ItemOf<typeof crew>>().toEqualTypeOf<Omit<CrewMember, "launches">>();
});

test("each path that can be populated becomes a record", () => {
  const query = client.launches.query({
    populate: [
      "rocket",
      "launchpad",
      "payloads",
      "capsules",
      "ships",
      "fairings.ships",
      "cores.core",
      "cores.landpad",
      "crew.crew",
    ],
  });
  type Item = ItemOf<typeof query>;
  expectTypeOf<Item["rocket"]>().toEqualTypeOf<Rocket | null>();
  expectTypeOf<Item["launchpad"]>().toEqualTypeOf<Launchpad | null>();
  expectTypeOf<Item["payloads"]>().toEqualTypeOf<readonly Payload[]>();
  expectTypeOf<Item["capsules"]>().toEqualTypeOf<readonly Capsule[]>();
  expectTypeOf<Item["ships"]>().toEqualTypeOf<readonly Ship[]>();
  expectTypeOf<NonNullable<Item["fairings"]>["ships"]>().toEqualTypeOf<readonly Ship[]>();
  expectTypeOf<Item["fairings"]>().toBeNullable();
  expectTypeOf<Item["cores"][number]["core"]>().toEqualTypeOf<Core | null>();
  expectTypeOf<Item["cores"][number]["landpad"]>().toEqualTypeOf<Landpad | null>();
  expectTypeOf<Item["cores"][number]["legs"]>().toEqualTypeOf<boolean | null>();
  expectTypeOf<Item["crew"][number]["crew"]>().toEqualTypeOf<CrewMember | null>();
  expectTypeOf<Item["crew"][number]["role"]>().toEqualTypeOf<string | null>();
  expectTypeOf<Item["name"]>().toEqualTypeOf<string>();
});

test("the other resources", () => {
  const payloads = client.payloads.query({ populate: ["launch", "dragon.capsule"] });
  expectTypeOf<ItemOf<typeof payloads>["launch"]>().toEqualTypeOf<Launch | null>();
  expectTypeOf<ItemOf<typeof payloads>["dragon"]["capsule"]>().toEqualTypeOf<Capsule | null>();
  const capsules = client.capsules.query({ populate: ["dragon", "launches"] });
  expectTypeOf<ItemOf<typeof capsules>["dragon"]>().toEqualTypeOf<Dragon | null | undefined>();
  expectTypeOf<ItemOf<typeof capsules>["launches"]>().toEqualTypeOf<readonly Launch[]>();
  const pads = client.launchpads.query({ populate: ["rockets", "launches"] });
  expectTypeOf<ItemOf<typeof pads>["rockets"]>().toEqualTypeOf<readonly Rocket[]>();
  const cores = client.cores.query({ populate: "launches" });
  expectTypeOf<ItemOf<typeof cores>["launches"]>().toEqualTypeOf<readonly Launch[]>();
  client.crew.query({ populate: ["launches"] });
  client.ships.query({ populate: { path: "launches" } });
  client.landpads.query({ populate: [{ path: "launches", select: ["-links"] }] });
  const satellites = client.starlink.query({ populate: "launch" });
  expectTypeOf<ItemOf<typeof satellites>["launch"]>().toEqualTypeOf<Launch | null>();
});

test("in version 4 a crew member without a record keeps the seat", () => {
  const query = client.v4.launches.query({ populate: "crew" });
  expectTypeOf<ItemOf<typeof query>["crew"]>().toEqualTypeOf<readonly (CrewMember | EmptySeat)[]>();
  // @ts-expect-error The path of version 5.
  client.v4.launches.query({ populate: "crew.crew" });
  // @ts-expect-error The path of version 4.
  client.launches.query({ populate: "crew" });
});

test("a populated record can be selected from and populated in its turn", () => {
  const query = client.launches.query({
    populate: [
      { path: "rocket", select: ["name", "height.meters"] },
      {
        path: "payloads",
        select: ["name"],
        populate: { path: "dragon.capsule", select: ["serial"], populate: ["launches"] },
      },
      "launchpad",
    ],
  });
  type Item = ItemOf<typeof query>;
  expectTypeOf<Item["rocket"]>().toEqualTypeOf<{
    readonly id: string;
    readonly name?: string | null | undefined;
    readonly height?: { readonly meters?: number | null | undefined } | null | undefined;
  } | null>();
  type Carried = Item["payloads"][number];
  expectTypeOf<keyof Carried>().toEqualTypeOf<"id" | "name" | "dragon">();
  type Vessel = NonNullable<Carried["dragon"]["capsule"]>;
  expectTypeOf<keyof Vessel>().toEqualTypeOf<"id" | "serial" | "launches">();
  expectTypeOf<Vessel["launches"]>().toEqualTypeOf<readonly Launch[]>();
  expectTypeOf<Item["launchpad"]>().toEqualTypeOf<Launchpad | null>();
});

test("populated paths are answered even if they are not selected", () => {
  const query = client.launches.query({ select: ["name"], populate: ["cores.core", "rocket"] });
  expectTypeOf<ItemOf<typeof query>>().toEqualTypeOf<{
    readonly id: string;
    readonly name: string;
    readonly rocket: Rocket | null;
    readonly cores: readonly { readonly core: Core | null }[];
  }>();
  const without = client.launches.query({ select: ["-links"], populate: "rocket" });
  expectTypeOf<ItemOf<typeof without>["rocket"]>().toEqualTypeOf<Rocket | null>();
  expectTypeOf<ItemOf<typeof without>>().not.toHaveProperty("links");
});

test("what cannot be selected or populated", () => {
  // @ts-expect-error No field has this name.
  client.launches.query({ select: ["nmae"] });
  // @ts-expect-error No field has this name inside of links.
  client.launches.query({ select: ["links.patch.tiny"] });
  // @ts-expect-error Fields are named or left out, not both.
  client.launches.query({ select: ["name", "-links"] });
  // @ts-expect-error The id is always answered.
  client.launches.query({ select: ["-id"] });
  // @ts-expect-error It holds no ids.
  client.launches.query({ populate: ["name"] });
  // @ts-expect-error No field has this name in a rocket.
  client.launches.query({ populate: [{ path: "rocket", select: ["serial"] }] });
  // @ts-expect-error It holds no ids in a payload.
  client.launches.query({ populate: { path: "payloads", populate: "rocket" } });
  // @ts-expect-error The API would turn ids whose records do not match into null.
  client.launches.query({ populate: { path: "rocket", match: { active: true } } });
  // @ts-expect-error A misspelt key.
  client.launches.query({ populate: [{ path: "payloads", selct: ["name"] }] });
  // @ts-expect-error A misspelt key further down.
  client.launches.query({ populate: { path: "payloads", populate: { path: "launch", slect: ["name"] } } });
  // @ts-expect-error Fields are named or left out, not both.
  client.launches.query({ populate: { path: "rocket", select: ["name", "-height"] } });
  // @ts-expect-error Rockets hold no ids at all.
  client.rockets.query({ populate: ["launches"] });
});

test("pages are of the same records", () => {
  const query = client.crew.query({ select: ["name"] });
  expectTypeOf(query.pages()[Symbol.asyncIterator]().next).returns.resolves.toExtend<
    IteratorResult<{ readonly records: readonly { readonly name: string | null }[] }>
  >();
});

test("the roadster is queried for one object", () => {
  expectTypeOf(client.roadster.query({ select: ["name"] })).resolves.toEqualTypeOf<{
    readonly id: string;
    readonly name?: string | null | undefined;
  } | null>();
  // @ts-expect-error One object has no pages.
  void client.roadster.query({ limit: 1 });
});
