import { canonicalJson, isChild, lakeColumns, sha256Hex, type TableSpec } from "@spacex-etl/contracts";

type Cell = string | null;
/** Cells in the order of `lakeColumns`. */
export type LakeRow = readonly Cell[];

/** The rows of every table of a collection, made in the plainest way: values as text, `null` for null and missing. */
export function shred(tables: readonly TableSpec[], records: readonly object[]): Map<string, LakeRow[]> {
  const rows = new Map<string, LakeRow[]>(tables.map((table) => [table.name, []]));
  for (const record of records) {
    const children = tables.filter(isChild).map((table) => ({ table, rows: childRows(table, record) }));
    const parent = tables[0]!;
    const cells = parent.columns.map((column) => cell(at(record, column.path)));
    const named = (table: TableSpec, row: LakeRow) =>
      Object.fromEntries(
        lakeColumns(table)
          .map((column, index) => [column.name, row[index]] as const)
          .filter(([, value]) => value !== null && value !== undefined),
      );
    const hash = sha256Hex(
      canonicalJson({
        row: named(parent, cells),
        children: children
          .filter((child) => child.rows.length > 0)
          .map((child) => [child.table.name, child.rows.map((row) => named(child.table, row))]),
      }),
    );
    rows.get(parent.name)!.push([...cells, hash]);
    for (const child of children) rows.get(child.table.name)!.push(...child.rows);
  }
  return rows;
}

function childRows(table: TableSpec, record: object): LakeRow[] {
  const parentId = cell(at(record, [columnKey(table)]));
  const walk = (
    value: unknown,
    levels: readonly (readonly string[])[],
    ordinals: readonly number[],
  ): LakeRow[] => {
    const [path, ...deeper] = levels;
    if (path === undefined) {
      return [
        [parentId, ...ordinals.map(String), ...table.columns.map((column) => cell(at(value, column.path)))],
      ];
    }
    const array = at(value, path);
    return Array.isArray(array)
      ? array.flatMap((element, index) => walk(element, deeper, [...ordinals, index]))
      : [];
  };
  return walk(record, table.arrayPath, []);
}

/** The suite's collections name the key field like its column. */
function columnKey(table: TableSpec): string {
  return table.parentKey.name;
}

function at(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null) return null;
    current = (current as Record<string, unknown>)[key];
  }
  return current ?? null;
}

function cell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  return typeof value === "object"
    ? JSON.stringify(value)
    : String(value as string | number | bigint | boolean);
}
