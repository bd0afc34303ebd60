/** The part that a text is about, or where all those lie that it may be about. */
export interface FoundPart {
  readonly part?: string | undefined;
  /** The beginning that is left of an address, where several parts have it. */
  readonly among?: string | undefined;
}

/**
 * Finds the part that a text of Redshift's names: as `s3://bucket/key` or `https://s3.<region>.amazonaws.com/bucket/key`,
 * also where Redshift cut off the end of its text.
 *
 * @param uris `s3://bucket/key`
 * @param otherwise Where the text names none.
 */
export function partIn(text: string, uris: readonly string[], otherwise: FoundPart = {}): FoundPart {
  const paths = uris.map((uri) => ({ uri, path: uri.slice("s3://".length) }));
  const [whole] = paths
    .filter(({ path }) => text.includes(path))
    .toSorted((one, other) => other.path.length - one.path.length);
  if (whole !== undefined) return { part: whole.uri };
  const end = text.trimEnd();
  for (const { path } of paths) {
    const at = end.lastIndexOf(path.slice(0, path.indexOf("/") + 1));
    if (at === -1) continue;
    const left = end.slice(at);
    const begun = paths.filter((each) => each.path.startsWith(left));
    if (begun.length > 1) return { among: `s3://${left}` };
    if (begun[0] !== undefined) return { part: begun[0].uri };
  }
  return otherwise;
}
