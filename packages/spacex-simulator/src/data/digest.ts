import { createHash } from "node:crypto";

/** The digest of an array, given the pieces of what is between its brackets. */
export function digestOf(pieces: Iterable<Uint8Array>): string {
  return sha1Of(enclosed(pieces));
}

function* enclosed(pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  yield Buffer.from("[");
  yield* pieces;
  yield Buffer.from("]");
}

/** The first 27 characters of the base64 form, which leave out the padding. */
export function sha1Of(pieces: Iterable<Uint8Array>): string {
  const hash = createHash("sha1");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("base64").slice(0, 27);
}
