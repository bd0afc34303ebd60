import { type CollectionSpec, defineTables, snakeCase, type TableSpec } from "@spacex-etl/contracts";
import type { LoaderTarget } from "@spacex-etl/warehouse-loaders/testing";
import { expect } from "vitest";
import { z } from "zod";

/** Nothing hostile. */
export const PLAIN = defineTables({ collection: "plain", schema: z.object({ id: z.string() }) });

export interface Odd {
  readonly id: string;
  readonly plain: string;
  readonly list: readonly string[];
  readonly [field: string]: unknown;
}

/** A collection with a hostile field name, whose column has a name made of it, and hostile descriptions everywhere. */
export function oddCollection(text: () => string): { readonly spec: CollectionSpec; readonly field: string } {
  const field = `x${text()}`;
  const spec = defineTables({
    collection: "odd",
    description: text(),
    schema: z.object({
      id: z.string().meta({ description: text() }),
      [field]: z.string().meta({ description: text(), column: columnOf(field) }),
      plain: z.string().meta({ description: text() }),
      list: z.array(z.string().meta({ description: text() })).meta({ description: text() }),
    }),
  });
  return { spec, field };
}

function columnOf(field: string): string {
  return `${snakeCase(field).replaceAll(/^_+|_+$/g, "")}_c`.slice(0, 100);
}

/** The live rows of `odd` and of its child are these records. */
export async function expectRecords(
  target: LoaderTarget,
  records: readonly Odd[],
  field: string,
  where: string,
): Promise<void> {
  const live = (await target.read("odd")).filter((row) => row["_deleted_at"] === null);
  const byId = new Map(live.map((row) => [row["id"], row]));
  expect(byId.size, where).toBe(records.length);
  for (const record of records) {
    expect(byId.get(record.id), where).toMatchObject({
      [columnOf(field)]: record[field],
      plain: record.plain,
    });
  }
  const children = (await target.read("odd__list")).map((row) => [
    row["_parent_id"],
    row["_ordinal"],
    row["value"],
  ]);
  const expected = records.flatMap(({ id, list }) => list.map((value, index) => [id, String(index), value]));
  const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted();
  expect(sorted(children), where).toEqual(sorted(expected));
}

/** `defineTables` refuses such names; a manifest may be of another program. */
export function renamed(names: readonly string[]): CollectionSpec {
  const spec = defineTables({
    collection: "odd",
    schema: z.object({
      id: z.string(),
      ...Object.fromEntries(names.map((_, index) => [`field${index}`, z.string()])),
    }),
  });
  const tables = spec.tables.map((table): TableSpec => ({
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      name: column.name === "id" ? "id" : names[Number(column.name.slice("field".length))]!,
    })),
  }));
  return { ...spec, tables };
}

/** A record of `renamed(names)`, in which each value tells its column. */
export function namedRecord(id: string, names: readonly string[], mark: string): object {
  return { id, ...Object.fromEntries(names.map((name, index) => [`field${index}`, `${mark} of ${name}`])) };
}
