import type { z } from "zod";

/** What a filter may name: every path of a collection's records, with dots, without positions in arrays. */
export interface FieldPaths {
  /** `cores.core`, `links.patch.small`, …; objects and arrays too. `_id` stands for `id`. */
  readonly all: ReadonlySet<string>;
  /** Top-level fields, `id` included. */
  readonly top: ReadonlySet<string>;
}

/** The paths of a record, read from its schema. */
export function fieldPaths(schema: z.ZodType): FieldPaths {
  const all = new Set<string>();
  addPaths(schema, "", all);
  const top = new Set([...all].filter((path) => !path.includes(".")));
  all.delete("id");
  all.add("_id");
  return { all, top };
}

interface AnyDefinition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
}

function addPaths(schema: z.ZodType, prefix: string, paths: Set<string>): void {
  const definition = schema.def as AnyDefinition;
  const inner = definition.innerType ?? definition.element;
  if (inner !== undefined) {
    addPaths(inner, prefix, paths);
    return;
  }
  for (const [key, field] of Object.entries(definition.shape ?? {})) {
    const path = `${prefix}${key}`;
    paths.add(path);
    addPaths(field, `${path}.`, paths);
  }
}

/**
 * The known path nearest to a wrong one, or undefined where none is near: the same name further down
 * (`landing_success`), the same name without underscores (`flightNumber`), or a typing error of at most two letters.
 */
export function nearestPath(wrong: string, paths: ReadonlySet<string>): string | undefined {
  const folded = fold(wrong);
  let best: string | undefined;
  let bestDistance = 3;
  for (const path of paths) {
    if (path.endsWith(`.${wrong}`) || fold(path) === folded) return path;
    const distance = editDistance(folded, fold(path), bestDistance);
    if (distance < bestDistance) {
      best = path;
      bestDistance = distance;
    }
  }
  return best;
}

function fold(path: string): string {
  return path.replaceAll("_", "").toLowerCase();
}

/** Levenshtein distance, or `limit` where it is that or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(change, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return Math.min(limit, previous[b.length]!);
}
