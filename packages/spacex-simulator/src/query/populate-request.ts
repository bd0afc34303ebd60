import { isPlainObject, QueryError } from "./query-error.ts";

/** One path to populate, as a client asks for it. */
export interface PopulateRequest {
  readonly path: string;
  readonly select: unknown;
  readonly match: unknown;
  /** Deeper paths, in the populated records. */
  readonly populate: unknown;
  /** `sort`, `skip` and `limit` for arrays. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly perDocumentLimit: unknown;
  /** Whether a path that the model does not have is an error. */
  readonly strict: boolean;
}

/** Reads `options.populate`: `"rocket launchpad"`, `["rocket"]`, `{ path, select, populate, match, options }`. */
export function parsePopulate(populate: unknown): PopulateRequest[] {
  if (!populate) return [];
  const items: readonly unknown[] = Array.isArray(populate) ? populate : [populate];
  // Of two requests for one path the later one counts.
  return [...new Map(items.flatMap(parseOne).map((request) => [request.path, request])).values()];
}

function parseOne(item: unknown): PopulateRequest[] {
  const given = isPlainObject(item) ? item : { path: item };
  const { path, select, match, populate, options, perDocumentLimit } = given;
  if (typeof path !== "string") {
    throw new QueryError(`utils.populate: invalid path. Expected string. Got typeof \`${typeof item}\``);
  }
  const base = {
    select,
    match,
    populate,
    options: isPlainObject(options) ? options : {},
    perDocumentLimit,
    strict: given["strictPopulate"] !== false,
  };
  return path
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => ({ ...base, path: word }));
}

/**
 * Version 4 stores crew as version 5 does and rewrites the path in a text and in an object (routes/launches/v4 of the
 * API's source), but not in a text inside of an array.
 */
export function withVersion4Paths(populate: unknown): unknown {
  if (typeof populate === "string") return populate.replace("crew", "crew.crew");
  if (Array.isArray(populate)) {
    return populate.map((item: unknown) => (isPlainObject(item) ? withVersion4Paths(item) : item));
  }
  if (!isPlainObject(populate) || typeof populate["path"] !== "string") return populate;
  return { ...populate, path: populate["path"].replace("crew", "crew.crew") };
}
