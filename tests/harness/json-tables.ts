/** Of the collections' JSON, what the tables must hold, found without the schema: by walking the values. */

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface ElementOfArray {
  readonly parentId: string;
  /** Position in each array on the way, from 0. */
  readonly ordinals: readonly number[];
  readonly value: unknown;
}

/** table → elements, for every array anywhere in the records, empty ones included. */
export function arraysOf(
  collection: string,
  records: readonly Readonly<Record<string, unknown>>[],
): Map<string, ElementOfArray[]> {
  const tables = new Map<string, ElementOfArray[]>();
  const walk = (
    value: Json,
    table: string,
    path: string,
    parentId: string,
    ordinals: readonly number[],
  ): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      const child = `${table}__${path}`;
      const elements = tables.get(child) ?? [];
      tables.set(child, elements);
      for (const [index, element] of (value as readonly Json[]).entries()) {
        const position = [...ordinals, index];
        elements.push({ parentId, ordinals: position, value: element });
        walk(element, child, "", parentId, position);
      }
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      walk(inner, table, path === "" ? snake(key) : `${path}_${snake(key)}`, parentId, ordinals);
    }
  };
  for (const record of records) walk(record as Json, collection, "", String(record["id"]), []);
  return tables;
}

function snake(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

/** Microseconds since 1970-01-01 UTC of an ISO date-time; one without a zone is UTC. */
export function microseconds(text: string): bigint {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (match === null) throw new Error(`${text} is no date-time`);
  const [, date, time, fraction = "", zone = "Z"] = match;
  return BigInt(Date.parse(`${date}T${time}${zone}`)) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

/** The value that keys lead to; undefined where one of them is missing. */
export function valueAt(record: unknown, path: readonly string[]): unknown {
  let value = record;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** As a child table is ordered by its key: by the parent's id, then by position. */
export function inKeyOrder(elements: readonly ElementOfArray[]): ElementOfArray[] {
  return elements.toSorted((a, b) => {
    if (a.parentId !== b.parentId) return a.parentId < b.parentId ? -1 : 1;
    const level = a.ordinals.findIndex((ordinal, index) => ordinal !== b.ordinals[index]);
    return (a.ordinals[level] ?? 0) - (b.ordinals[level] ?? 0);
  });
}
