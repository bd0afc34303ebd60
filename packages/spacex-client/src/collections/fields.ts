import * as z from "zod";

/**
 * The record's own id. A MongoDB ObjectId: 24 hex digits, of which the first 8 are the second it was created in.
 */
export function recordId() {
  return z
    .string()
    .min(1)
    .describe("Id of the record: a MongoDB ObjectId, 24 hex digits whose first 8 are its creation second.");
}

/** The list of launches that most collections carry; `what` is one of them in a sentence. */
export function launchIds(what: string) {
  return z.array(z.string().describe("Id of a launch.")).describe(`One row per ${what}, in the API's order.`);
}

/**
 * A closed list of the API's model that may grow: known values stay literals in the type, any other text is accepted,
 * so that a new value does not make a whole record invalid.
 */
export function openEnum<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values).or(z.string()) as unknown as z.ZodType<Values[number] | (string & {})>;
}

/** A date-time of Space-Track: without a zone, and UTC. */
export function utcWithoutZone() {
  return z.iso.datetime({ local: true });
}

/**
 * A schema that is made when it is first asked for, then kept. Making all of them costs more than everything else that
 * importing this package does, and most programs use two or three.
 */
export function lazy<Schema>(make: () => Schema): () => Schema {
  let made: Schema | undefined;
  return () => (made ??= make());
}

/** What a schema accepts, without the index signature that lets unknown fields through. */
export type Known<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Element)[]
    ? readonly Known<Element>[]
    : { readonly [Key in keyof T as string extends Key ? never : Key]: Known<T[Key]> };
