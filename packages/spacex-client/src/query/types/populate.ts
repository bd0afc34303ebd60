import type { Model } from "../../collections/models.ts";
import type { Heads } from "./paths.ts";
import type { Picked, Select, Selected, SelectProblem } from "./select.ts";

/** Paths of a resource that hold ids of other records. */
export type ReferencePath<M extends Model> = keyof M["references"] & string;

type Target<M extends Model, Path> = Path extends keyof M["references"]
  ? M["references"][Path] extends infer Found extends Model
    ? Found
    : never
  : never;

/** One path with what to answer of the records there, and what to populate in them. */
export interface PopulatePath<M extends Model, Path extends ReferencePath<M>> {
  readonly path: Path;
  /** Fields of the records there; `id` is always answered. @default all */
  readonly select?: Select<Target<M, Path>["record"]> | undefined;
  /** Ids in the records there that become records too. @default none */
  readonly populate?: Populate<Target<M, Path>> | undefined;
}

type PopulateEntry<M extends Model> =
  | ReferencePath<M>
  | { [Path in ReferencePath<M>]: PopulatePath<M, Path> }[ReferencePath<M>];

/**
 * Ids that become the records that they name: `"rocket"`, `["rocket", "cores.core"]`, or with more to say
 * `{ path: "rocket", select: ["name"] }`. A single id becomes the record or null, where there is no such record; from a
 * list of ids those without a record are removed.
 */
export type Populate<M extends Model> = PopulateEntry<M> | readonly PopulateEntry<M>[];

type Entries<P> = P extends readonly (infer Entry)[] ? Entry : P;
type PathOf<Entry> = Entry extends string
  ? Entry
  : Entry extends { readonly path: infer Path extends string }
    ? Path
    : never;
type OptionOf<Entry, Key extends string> = Entry extends { readonly [K in Key]: infer Value }
  ? Value
  : undefined;

/** What is wrong with a population beside its paths; never where nothing is. */
export type PopulateProblem<M extends Model, P> = ProblemOf<M, Entries<P>>;

type ProblemOf<M extends Model, Entry> = Entry extends { readonly path: infer Path }
  ? | `populate has no key ${Exclude<keyof Entry, "path" | "select" | "populate"> & string}`
    | SelectProblem<Target<M, Path>["record"], OptionOf<Entry, "select">>
    | PopulateProblem<Target<M, Path>, OptionOf<Entry, "populate">>
  : never;

/** What replaces the ids, by path. */
type Replacements<M extends Model, P> = {
  [Entry in Entries<P> as PathOf<Entry>]:
    | ResultOf<Target<M, PathOf<Entry>>, OptionOf<Entry, "select">, OptionOf<Entry, "populate">>
    | DanglingOf<M, PathOf<Entry>>;
};

type DanglingOf<M, Path> = M extends { readonly dangling: infer Dangling }
  ? Path extends keyof Dangling
    ? Dangling[Path]
    : never
  : never;

type Replaced<T, R> = {
  readonly [Key in keyof T]: Key extends keyof R
    ? Substitute<T[Key], R[Key]>
    : Key extends Heads<keyof R>
      ? ReplacedInside<T[Key], Below<R, Key>>
      : T[Key];
};

type Substitute<Value, Found> = [NonNullable<Value>] extends [readonly unknown[]]
  ? readonly Found[]
  : Found | null | Extract<Value, undefined>;

type ReplacedInside<Value, R> = Value extends readonly (infer Element)[]
  ? readonly Replaced<Element, R>[]
  : Value extends object
    ? Replaced<Value, R>
    : Value;

type Below<R, Key> = Key extends string
  ? { [Path in keyof R as Path extends `${Key}.${infer Rest}` ? Rest : never]: R[Path] }
  : never;

/** Populated paths are answered even if they are not selected. */
type SelectedWith<T, S, P> = [S] extends [readonly (infer Path)[]]
  ? [Path] extends [`-${string}`]
    ? Selected<T, S>
    : Picked<T, Path | PathOf<Entries<P>> | "id">
  : T;

/** The record that a query answers, by what it selects and populates. */
export type ResultOf<M extends Model, S = undefined, P = undefined> = [P] extends [undefined]
  ? Selected<M["record"], S>
  : Replaced<SelectedWith<M["record"], S, P>, Replacements<M, P>>;
