import type { Drift, TableSpec } from "@spacex-etl/contracts";

/** Distinct unknown paths that are remembered; a source that sends data as keys must not fill the memory. */
const MAX_PATHS = 1000;

interface Known {
  readonly fields: Map<string, Known>;
  /** The keys of the last object seen here, in its order, and what is known of each: most objects are alike. */
  readonly order: string[];
  readonly inOrder: (Known | undefined)[];
  /** Its value has no fixed shape: nothing below is unknown. */
  open: boolean;
}

export interface DriftRecorder {
  /** Looks at one parsed record. */
  observe(record: unknown): void;
  /** By path. */
  report(): Drift[];
}

/** Finds fields that the tables do not know; they stay in the raw zone and reach no table. */
export function driftRecorder(tables: readonly TableSpec[]): DriftRecorder {
  const root = knownFields(tables);
  const counts = new Map<string, number>();
  let seen: Set<string> | undefined;

  function unknown(path: string): void {
    seen ??= new Set();
    if (seen.has(path) || (!counts.has(path) && counts.size >= MAX_PATHS)) return;
    seen.add(path);
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }

  function walk(value: unknown, known: Known, path: string): void {
    if (typeof value !== "object" || value === null || known.open) return;
    if (Array.isArray(value)) {
      for (const element of value) walk(element, known, `${path}[]`);
      return;
    }
    const { order, inOrder } = known;
    let place = 0;
    for (const key in value) {
      if (order[place] !== key) {
        order[place] = key;
        inOrder[place] = known.fields.get(key);
      }
      const field = inOrder[place];
      if (place < MAX_PATHS) place++;
      if (field === undefined) {
        unknown(path === "" ? key : `${path}.${key}`);
        continue;
      }
      const inner = (value as Record<string, unknown>)[key];
      if (typeof inner === "object" && inner !== null)
        walk(inner, field, path === "" ? key : `${path}.${key}`);
    }
  }

  return {
    observe(record) {
      seen = undefined;
      walk(record, root, "");
    },
    report: () =>
      [...counts].map(([path, records]) => ({ path, records })).sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

function knownFields(tables: readonly TableSpec[]): Known {
  const root = newKnown();
  for (const table of tables) {
    const base = table.arrayPath.flat().reduce(descend, root);
    for (const column of table.columns) {
      const field = column.path.reduce(descend, base);
      if (column.json === true) field.open = true;
    }
  }
  return root;
}

function descend(known: Known, key: string): Known {
  let field = known.fields.get(key);
  if (field === undefined) known.fields.set(key, (field = newKnown()));
  return field;
}

function newKnown(): Known {
  return { fields: new Map(), order: [], inOrder: [], open: false };
}
