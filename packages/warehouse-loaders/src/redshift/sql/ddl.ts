import { EtlError, isChild, type TableSpec } from "@spacex-etl/contracts";
import type { BookkeepingTable, RawColumn } from "../../planning/index.ts";
import type { Distribution } from "../options.ts";
import { identifier, newColumn, rawTable } from "./names.ts";
import { columnType, type Widths } from "./types.ts";

/** How tables are laid out, where the options say so. */
export interface Layout {
  readonly distribution: Readonly<Record<string, Distribution>>;
  readonly sortKeys: Readonly<Record<string, readonly string[]>>;
}

export function createSchema(schema: string): string {
  return `CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`;
}

/** Without a layout: Redshift finds the best one for tables of a few rows by itself. */
export function createBookkeeping(schema: string, table: BookkeepingTable, widths: Widths): string {
  return `CREATE TABLE IF NOT EXISTS ${rawTable(schema, table.name)} (\n${columnList(table.name, table.columns, widths)}\n)`;
}

export function createTable(
  schema: string,
  spec: TableSpec,
  columns: readonly RawColumn[],
  widths: Widths,
  layout: Layout,
): string {
  return [
    `CREATE TABLE ${rawTable(schema, spec.name)} (`,
    columnList(spec.name, columns, widths),
    `) ${attributes(spec, columns, layout)}`,
  ].join("\n");
}

/** Redshift adds one column per statement. */
export function addColumn(schema: string, table: string, column: RawColumn, widths: Widths): string {
  return `ALTER TABLE ${rawTable(schema, table)} ADD COLUMN ${newColumn(column.name)} ${columnType(column.type, widths(table, column.name))}`;
}

function columnList(table: string, columns: readonly RawColumn[], widths: Widths): string {
  return columns
    .map(
      ({ name, type, required }) =>
        `  ${newColumn(name)} ${columnType(type, widths(table, name))}${required ? " NOT NULL" : ""}`,
    )
    .join(",\n");
}

/** A record and its children meet in every merge: by their key they lie on one node. */
export function distributionColumn(spec: TableSpec): string {
  return isChild(spec) ? spec.key[0]! : spec.parentKey.name;
}

function attributes(
  spec: TableSpec,
  columns: readonly RawColumn[],
  { distribution, sortKeys }: Layout,
): string {
  const style = distribution[spec.name] ?? { key: distributionColumn(spec) };
  const sorted = sortKeys[spec.name] ?? spec.key;
  const known = new Set(columns.map(({ name }) => name));
  const unknown = [...sorted, ...(typeof style === "object" ? [style.key] : [])].find(
    (name) => !known.has(name),
  );
  if (unknown !== undefined) {
    throw new EtlError({
      kind: "usage",
      code: "LOADER_OPTIONS",
      message: `redshiftLoader: distribution or sortKeys name ${unknown}, which is no column of ${spec.name}.`,
      hint: `Its columns are ${[...known].join(", ")}.`,
    });
  }
  return [
    typeof style === "string"
      ? `DISTSTYLE ${style.toUpperCase()}`
      : `DISTSTYLE KEY DISTKEY (${identifier(style.key)})`,
    sorted.length === 0 ? "SORTKEY AUTO" : `COMPOUND SORTKEY (${sorted.map(identifier).join(", ")})`,
  ].join(" ");
}
