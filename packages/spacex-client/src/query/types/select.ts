import type { FieldPath, Heads, Tails } from "./paths.ts";

/**
 * Fields to answer, `["name", "links.patch.small"]`, or to leave out, each with a minus: `["-links", "-cores.legs"]`.
 * Not both. `id` is always answered.
 */
export type Select<T> = readonly (FieldPath<T> | "_id" | `-${Exclude<FieldPath<T>, "id">}`)[];

/** What is wrong with a selection of the fields of `T`; never where nothing is. */
export type SelectProblem<T, Selection> = [Selection] extends [readonly (infer Path)[]]
  ? [Path] extends [`-${string}`]
    ? never
    : [Extract<Path, `-${string}`>] extends [never]
      ? never
      : // A selection that is not known before the program runs is checked then.
        Select<T> extends Selection
        ? never
        : "select names fields or leaves some out, not both"
  : never;

/** Nothing where there is no problem, else a type that no argument has, with a member that says what is wrong. */
export type Sound<Problem> = [Problem] extends [never]
  ? unknown
  : { readonly [Text in Problem & string]: never };

/** A record with the selected fields only. */
export type Selected<T, Selection> = [Selection] extends [readonly (infer Path)[]]
  ? [Path] extends [`-${string}`]
    ? Without<T, Excluded<Path>>
    : Picked<T, Path | "id">
  : T;

type Excluded<Path> = Path extends `-${infer Rest}` ? Rest : never;

/** A record with the fields at some paths. */
export type Picked<T, Path> = PickedKeys<T, Extract<keyof T, Path | Heads<Path>>, Path>;

// Mapped over a type parameter, so that modifiers and comments of the fields are kept.
type PickedKeys<T, Keys extends keyof T, Path> = {
  readonly [Key in Keys]: Key extends Path ? T[Key] : PickedInside<T[Key], Tails<Path, Key>>;
};

/** An object that may be null may also be missing as soon as only parts of it are asked for. */
type PickedInside<Value, Path> = Value extends readonly (infer Element)[]
  ? readonly Picked<Element, Path>[]
  : Value extends null
    ? null | undefined
    : Value extends object
      ? Picked<Value, Path>
      : Value;

/** A record without the fields at some paths. */
type Without<T, Path> = WithoutKeys<T, Exclude<keyof T, Path>, Path>;

type WithoutKeys<T, Keys extends keyof T, Path> = {
  readonly [Key in Keys]: Key extends Heads<Path> ? WithoutInside<T[Key], Tails<Path, Key>> : T[Key];
};

type WithoutInside<Value, Path> = Value extends readonly (infer Element)[]
  ? readonly Without<Element, Path>[]
  : Value extends object
    ? Without<Value, Path>
    : Value;
