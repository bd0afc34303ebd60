import type { FieldAt, FieldPath, PositionPath } from "./paths.ts";

/** Equality and presence. A missing field counts as null. */
export interface EqualityOperators<Value> {
  readonly $eq?: Value | null;
  readonly $ne?: Value | null;
  readonly $in?: readonly (Value | null)[];
  readonly $nin?: readonly (Value | null)[];
  /** Whether the record has the field at all; a field that is null exists. */
  readonly $exists?: boolean;
}

/** Order. Numbers are compared as numbers, all texts (dates too) by their characters. */
export interface OrderOperators<Value> {
  readonly $gt?: Value;
  readonly $gte?: Value;
  readonly $lt?: Value;
  readonly $lte?: Value;
}

/** Of a field that is true or false. */
export interface BooleanOperators extends EqualityOperators<boolean> {
  readonly $not?: BooleanOperators;
}

/** Of a number. */
export interface NumberOperators extends EqualityOperators<number>, OrderOperators<number> {
  /** Divisor and remainder. */
  readonly $mod?: readonly [divisor: number, remainder: number];
  readonly $not?: NumberOperators;
}

/** Of a text; of a date in UTC, where `Value` includes `Date`. */
export interface TextOperators<Value> extends EqualityOperators<Value>, OrderOperators<Value> {
  /** A regular expression (PCRE) as text: `"^Starlink"`. */
  readonly $regex?: string;
  /** Flags of `$regex`: `i` any case, `m` lines, `s` dot matches line ends, `x` ignores white space. */
  readonly $options?: string;
  readonly $not?: TextOperators<Value>;
}

/** Of an id. Ids are in order of creation. */
export interface IdOperators extends EqualityOperators<string>, OrderOperators<string> {
  readonly $not?: IdOperators;
}

/** Of an array of values: a condition holds if it does for any of its values. */
export interface ListOperators<Value, Operators> {
  /** A value that the array has, or the whole array in order. */
  readonly $eq?: Value | readonly Value[];
  readonly $ne?: Value | readonly Value[];
  readonly $in?: readonly Value[];
  readonly $nin?: readonly Value[];
  readonly $gt?: Value;
  readonly $gte?: Value;
  readonly $lt?: Value;
  readonly $lte?: Value;
  readonly $exists?: boolean;
  /** Values that the array has, in any order. */
  readonly $all?: readonly Value[];
  /** Number of values. */
  readonly $size?: number;
  /** Conditions that one value meets together. */
  readonly $elemMatch?: Operators;
  readonly $not?: ListOperators<Value, Operators>;
}

/** Of an array of objects. */
export interface DocumentsOperators<Element> {
  /** A filter that one element meets as a whole. */
  readonly $elemMatch?: ElementFilter<Element>;
  readonly $all?: readonly { readonly $elemMatch: ElementFilter<Element> }[];
  /** Number of elements. */
  readonly $size?: number;
  readonly $exists?: boolean;
  readonly $not?: DocumentsOperators<Element>;
}

/** Of an object such as `fairings`: null, or there. What is inside of it has paths of its own. */
export interface ObjectOperators {
  readonly $eq?: null;
  readonly $ne?: null;
  readonly $exists?: boolean;
}

/** Dates in UTC that the API keeps as texts of one form, so that a `Date` can be sent for them. */
type Instant = `${string}_utc` | "epoch";

/** Operators of one value. */
type ValueOperators<Value, Path, Ids> = Path extends Ids
  ? IdOperators
  : [Value] extends [string]
    ? TextOperators<Path extends Instant ? Value | Date : Value>
    : [Value] extends [number]
      ? NumberOperators
      : BooleanOperators;

/** A value itself, which stands for `$eq`. */
type Plain<Value, Path> = [Value] extends [string] ? (Path extends Instant ? Value | Date : Value) : Value;

/** What a field must be: a value, or operators of MongoDB such as `{ $gte: 3 }`. */
export type Condition<Value, Path = string, Ids = never> = [Value] extends [readonly (infer Element)[]]
  ? [Element] extends [string | number | boolean]
    ? Element | readonly Element[] | ListOperators<Element, ValueOperators<Element, Path, Ids>>
    : DocumentsOperators<Element>
  : [Value] extends [string | number | boolean]
    ? Plain<Value, Path> | null | ValueOperators<Value, Path, Ids>
    : null | ObjectOperators;

type Conditions<T, Ids> = {
  readonly [Path in FieldPath<T> | PositionPath<T>]?: Condition<NonNullable<FieldAt<T, Path>>, Path, Ids>;
};

/** A filter of the elements of an array of objects. */
export type ElementFilter<T> = Conditions<T, never> & {
  readonly $and?: readonly ElementFilter<T>[];
  readonly $or?: readonly ElementFilter<T>[];
  readonly $nor?: readonly ElementFilter<T>[];
};

/**
 * A filter of MongoDB over the fields of a record: `{ success: true, "cores.landing_type": "ASDS" }`. All conditions
 * must hold; there are `$and`, `$or` and `$nor`.
 *
 * `id` is sent as `_id`, the only name that the API knows. A condition on null also holds for a field that is missing.
 * Dates are compared as text: a `Date`, or a text with a time and a zone, is sent in the form that the API keeps; the
 * start of such a text (`2022-10`) is sent as it is. Or compare `date_unix`.
 *
 * `Ids` are the paths that hold ids, which take no `$regex`; `Searchable` is whether `$text` is offered.
 */
export type Filter<T, Ids = never, Searchable extends boolean = true> = Conditions<T, Ids | "id"> & {
  readonly _id?: string | IdOperators;
  readonly $and?: readonly Filter<T, Ids, false>[];
  readonly $or?: readonly Filter<T, Ids, false>[];
  readonly $nor?: readonly Filter<T, Ids, false>[];
} & ([Searchable] extends [true]
    ? {
        /** Words, any of which stands in the text fields that the API has indexed: names, titles, details. */
        readonly $text?: { readonly $search: string };
      }
    : unknown);
