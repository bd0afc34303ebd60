import { type Fields, suggestion } from "./fields.ts";
import { invalidQuery } from "./invalid-query.ts";

/** Which fields are answered. No path is inside of another one. */
export interface Selection {
  readonly mode: "include" | "exclude";
  readonly paths: readonly string[];
}

/**
 * Paths to answer, or with a minus to leave out. Undefined for all.
 *
 * @throws EtlError of kind `usage`, code `QUERY_INVALID`.
 */
export function parseSelect(select: unknown, fields: Fields, collection: string): Selection | undefined {
  if (select === undefined) return undefined;
  if (!Array.isArray(select) || select.length === 0)
    throw invalidQuery(
      collection,
      "select is no list of fields",
      'Write for example ["name", "links.patch.small"].',
    );
  const words = select.map((word: unknown) => {
    if (typeof word === "string") return word;
    throw invalidQuery(collection, `select holds a value of type ${typeof word}`, "It is a list of texts.");
  });
  const excluded = words.filter((word) => word.startsWith("-"));
  if (excluded.length > 0 && excluded.length < words.length) {
    throw invalidQuery(
      collection,
      `select both names fields and leaves some out (${excluded.join(", ")})`,
      "Do one of the two. The id is always answered.",
    );
  }
  const mode = excluded.length > 0 ? "exclude" : "include";
  const paths = words.map((word) => knownPath(mode === "exclude" ? word.slice(1) : word, fields, collection));
  if (mode === "exclude" && paths.includes("_id"))
    throw invalidQuery(collection, "select leaves out the id", "The id is always answered.");
  return { mode, paths: outermost(paths) };
}

function knownPath(word: string, fields: Fields, collection: string): string {
  const path = word === "id" ? "_id" : word;
  if (fields.has(path)) return path;
  throw invalidQuery(
    collection,
    `select names ${JSON.stringify(word)}, which is no field`,
    suggestion(word, fields.keys()),
  );
}

/** Without paths inside of other ones: MongoDB refuses both together. */
export function outermost(paths: readonly string[]): readonly string[] {
  const unique = [...new Set(paths)];
  return unique.filter((path) => !unique.some((other) => path.startsWith(`${other}.`)));
}

/** The paths as the API takes them. */
export function sentSelect(selection: Selection): string {
  return selection.paths.map((path) => (selection.mode === "exclude" ? `-${path}` : path)).join(" ");
}
