import { DuckDBInstance } from "@duckdb/node-api";
import { z } from "zod";
import { MART_KEYS, MART_NAMES, type MartName } from "../../../harness/marts.ts";
import { select } from "../warehouse.ts";

type MartRow = Readonly<Record<string, string | null>>;

export interface Mart {
  /** `name TYPE`, by the API's types. */
  readonly columns: readonly string[];
  /** By key, in its order; values as text, timestamps as microseconds. */
  readonly rows: ReadonlyMap<string, MartRow>;
}

export type Marts = Readonly<Record<string, Mart>>;

const tableAnswer = z.object({
  type: z.literal("TABLE"),
  schema: z.object({ fields: z.array(z.object({ name: z.string(), type: z.string() })) }),
});
const dataAnswer = z.object({
  rows: z.array(z.object({ f: z.array(z.object({ v: z.string().nullable() })) })).default([]),
  pageToken: z.undefined().optional(),
});

/** The marts as the API tells and lists them. */
export async function martsOfBigQuery(endpoint: string): Promise<Marts> {
  const marts: Record<string, Mart> = {};
  for (const name of MART_NAMES) {
    const url = `${endpoint}/bigquery/v2/projects/proj/datasets/marts/tables/${name}`;
    const { schema } = tableAnswer.parse(await (await fetch(url)).json());
    const listed = await fetch(`${url}/data?formatOptions.useInt64Timestamp=true`);
    const { rows } = dataAnswer.parse(await listed.json());
    marts[name] = martOf(
      name,
      schema.fields,
      rows.map(({ f }) => f.map(({ v }) => v)),
    );
  }
  return marts;
}

/** The same of a DuckDB warehouse that nobody else has open. */
export async function martsOfDuckDb(path: string): Promise<Marts> {
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
  try {
    const connection = await instance.connect();
    const marts: Record<string, Mart> = {};
    for (const name of MART_NAMES) {
      const { fields, rows } = await select(connection, `SELECT * FROM marts.${name}`);
      marts[name] = martOf(name, fields, rows);
    }
    return marts;
  } finally {
    instance.closeSync();
  }
}

/** Keys whose row is new, gone or says something else, per mart, sorted; which load built it is not looked at. */
export function changedKeys(before: Marts, after: Marts): Readonly<Record<string, readonly string[]>> {
  const facts = (row: MartRow | undefined): string => {
    const { source_loaded_at: _loaded, source_rows: _rows, ...rest } = row ?? {};
    return JSON.stringify(rest);
  };
  return Object.fromEntries(
    MART_NAMES.map((name) => {
      const [old, now] = [before[name]!.rows, after[name]!.rows];
      const keys = new Set([...old.keys(), ...now.keys()]);
      return [name, [...keys].filter((key) => facts(old.get(key)) !== facts(now.get(key))).toSorted()];
    }),
  );
}

function martOf(
  name: MartName,
  fields: readonly { readonly name: string; readonly type: string }[],
  values: readonly (readonly (string | null)[])[],
): Mart {
  const rows = values.map((row): MartRow =>
    Object.fromEntries(fields.map((field, index) => [field.name, row[index] ?? null])),
  );
  const keyed = rows.map((row) => [String(row[MART_KEYS[name]]), row] as const);
  if (new Set(keyed.map(([key]) => key)).size !== rows.length) throw new Error(`${name} has a key twice`);
  return {
    columns: fields.map((field) => `${field.name} ${field.type}`),
    rows: new Map(keyed.toSorted(([one], [other]) => (one < other ? -1 : 1))),
  };
}
