import { nearestName } from "../names/index.ts";
import { invalidQuery, isPlainObject } from "./invalid-query.ts";
import { parseSelect, type Selection, sentSelect } from "./select.ts";
import { type QueryTarget, targetOf } from "./target.ts";

/** Ids at a path that become the records that they name. */
export interface Population {
  readonly path: string;
  readonly target: QueryTarget;
  readonly select: Selection | undefined;
  readonly populate: readonly Population[];
}

/** A population as it is sent. */
export type SentPopulate = string | SentPopulatePath | readonly (string | SentPopulatePath)[];

interface SentPopulatePath {
  readonly path: string;
  readonly select?: string;
  readonly populate?: SentPopulate;
}

const KEYS = ["path", "select", "populate"];

/**
 * Paths to populate. One that the API does not know is a 400; one that holds no ids it would silently leave as it is.
 *
 * @throws EtlError of kind `usage`, code `QUERY_INVALID`.
 */
export function parsePopulate(populate: unknown, target: QueryTarget): readonly Population[] {
  if (populate === undefined) return [];
  const entries: readonly unknown[] = Array.isArray(populate) ? populate : [populate];
  const populations = entries.map((entry) => parseEntry(entry, target));
  const paths = populations.map(({ path }) => path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice === undefined) return populations;
  throw invalidQuery(target.collection, `populate names ${twice} twice`, "Leave one of them out.");
}

function parseEntry(entry: unknown, target: QueryTarget): Population {
  const { collection } = target;
  if (typeof entry === "string") return population(entry, undefined, undefined, target);
  if (!isPlainObject(entry) || typeof entry["path"] !== "string") {
    throw invalidQuery(
      collection,
      "populate holds neither a path nor { path, select, populate }",
      'Write "rocket", ["rocket", "launchpad"] or { path: "rocket", select: ["name"] }.',
    );
  }
  for (const key of Object.keys(entry)) {
    if (KEYS.includes(key)) continue;
    throw invalidQuery(
      collection,
      `populate of ${entry["path"]} has the unknown key ${JSON.stringify(key)}`,
      key === "match"
        ? "It would turn ids whose records do not match into null; filter what is answered instead."
        : `Known are ${KEYS.join(", ")}.`,
    );
  }
  return population(entry["path"], entry["select"], entry["populate"], target);
}

function population(path: string, select: unknown, populate: unknown, target: QueryTarget): Population {
  const { collection, fields, references } = target;
  const name = Object.hasOwn(references, path) ? references[path] : undefined;
  if (name === undefined) {
    const paths = Object.keys(references);
    const nearest = nearestName(path, paths);
    throw invalidQuery(
      collection,
      `populate names ${JSON.stringify(path)}, which ${fields.has(path) ? "holds no ids" : "is no field"}`,
      nearest !== undefined
        ? `Did you mean ${JSON.stringify(nearest)}?`
        : paths.length === 0
          ? "Nothing in it can be populated."
          : `What can be populated: ${paths.join(", ")}.`,
    );
  }
  const found = targetOf(name);
  const selection = parseSelect(select, found.fields, `${collection} (populate ${path})`);
  const deeper = parsePopulate(populate, found);
  return { path, target: found, select: withPopulated(selection, deeper, found), populate: deeper };
}

/**
 * A selection that has the populated paths, too: whoever populates a path wants it.
 *
 * @throws EtlError of kind `usage` where one is left out.
 */
export function withPopulated(
  select: Selection | undefined,
  populations: readonly Population[],
  target: QueryTarget,
): Selection | undefined {
  if (select === undefined) return undefined;
  const covers = (path: string): boolean =>
    select.paths.some((selected) => path === selected || path.startsWith(`${selected}.`));
  if (select.mode === "include") {
    const missing = populations.map(({ path }) => path).filter((path) => !covers(path));
    return missing.length === 0 ? select : { mode: "include", paths: [...select.paths, ...missing] };
  }
  const hidden = populations.find(({ path }) => covers(path));
  if (hidden === undefined) return select;
  throw invalidQuery(
    target.collection,
    `select leaves out ${hidden.path}, which populate asks for`,
    "Take it out of one of the two.",
  );
}

/** As the API takes it; undefined for none. */
export function sentPopulate(
  populations: readonly Population[],
  target: QueryTarget,
): SentPopulate | undefined {
  const entries = populations.map(sentEntry);
  if (entries.length <= 1) return entries[0];
  // Version 4 rewrites its own paths to stored ones, but leaves texts inside of a list as they are.
  return entries.map((entry) => (typeof entry === "string" ? (target.storedPath[entry] ?? entry) : entry));
}

function sentEntry({ path, target, select, populate }: Population): string | SentPopulatePath {
  const deeper = sentPopulate(populate, target);
  if (select === undefined && deeper === undefined) return path;
  return {
    path,
    ...(select === undefined ? {} : { select: sentSelect(select) }),
    ...(deeper === undefined ? {} : { populate: deeper }),
  };
}
