import { expectTypeOf, test } from "vitest";
import type { z } from "zod";
import type { Known } from "./fields.ts";
import type { CollectionName, LaunchV4, Models, RecordOf } from "./index.ts";
import type { schemas } from "./schemas.ts";

type Inferred<Name extends keyof typeof schemas> = Known<z.infer<(typeof schemas)[Name]>>;

/** Whether a compiler takes two types for the same; cheaper than `toEqualTypeOf` for types this deep. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

test("the written record types are those of the schemas", () => {
  expectTypeOf<{ [Name in CollectionName]: Same<RecordOf<Name>, Inferred<Name>> }>().toEqualTypeOf<{
    [Name in CollectionName]: true;
  }>();
  expectTypeOf<Same<Omit<LaunchV4, "crew">, Omit<Inferred<"launchesV4">, "crew">>>().toEqualTypeOf<true>();
  expectTypeOf<LaunchV4["crew"]>().toEqualTypeOf<Inferred<"launchesV4">["crew"]>();
  // Not true of everything.
  expectTypeOf<Same<RecordOf<"crew">, Inferred<"cores">>>().toEqualTypeOf<false>();
});

test("every collection has a model of its own name and record", () => {
  expectTypeOf<keyof Models>().toEqualTypeOf<CollectionName>();
  expectTypeOf<{ [Name in CollectionName]: Same<Models[Name]["record"], RecordOf<Name>> }>().toEqualTypeOf<{
    [Name in CollectionName]: true;
  }>();
  expectTypeOf<{ [Name in CollectionName]: Models[Name]["name"] }>().toEqualTypeOf<{
    [Name in CollectionName]: Name;
  }>();
});
