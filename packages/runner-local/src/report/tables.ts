import type { CollectionSummary, Highlights, TableSummary } from "@spacex-etl/pipeline";
import { formatBytes, formatCount, renderTable, type Style } from "../terminal/index.ts";

/** Rows of a result that fit on a screen beside the rest. */
const MOST_HIGHLIGHTS = 30;

/** Per table: rows, and what the load did to them. */
export function loadTable(tables: readonly TableSummary[], style: Style): string[] {
  const total = { name: "total", rows: 0, inserted: 0, updated: 0, deleted: 0, unchanged: 0 };
  for (const table of tables) {
    total.rows += table.rows;
    total.inserted += table.inserted;
    total.updated += table.updated;
    total.deleted += table.deleted;
    total.unchanged += table.unchanged;
  }
  const count = (value: number, paint = (text: string): string => text): string =>
    value === 0 ? style.dim(style.marks.none) : paint(formatCount(value));
  const cells = (table: TableSummary): string[] => [
    table.name,
    formatCount(table.rows),
    count(table.inserted, style.good),
    count(table.updated, style.accent),
    count(table.unchanged),
    count(table.deleted, style.warn),
  ];
  return renderTable(
    [
      { title: "table", align: "left" },
      ...["rows", "new", "updated", "unchanged", "deleted"].map((title) => ({
        title: title.padStart(9),
        align: "right" as const,
      })),
    ],
    [...tables.map(cells), ...(tables.length > 1 ? [cells(total).map(style.bold)] : [])],
    style.dim,
  );
}

/** Per collection: what was read and what of it was new. */
export function collectionTable(collections: readonly CollectionSummary[], style: Style): string[] {
  const parts = { "not-modified": "not modified", "same-content": "same content" } as const;
  return renderTable(
    [
      { title: "collection", align: "left" },
      { title: "records", align: "right" },
      { title: "size", align: "right" },
      { title: "requests", align: "right" },
      { title: "parts", align: "left" },
    ],
    collections.map((collection) => [
      collection.name,
      formatCount(collection.records),
      formatBytes(collection.bytes),
      formatCount(collection.requests),
      collection.reused === null ? style.good("written") : style.dim(parts[collection.reused]),
    ]),
    style.dim,
  );
}

export function highlightsTable({ title, columns, rows }: Highlights, style: Style): string[] {
  const shown = rows.slice(0, MOST_HIGHLIGHTS);
  const text = (value: string | number | null): string =>
    value === null ? style.marks.none : typeof value === "number" ? formatCount(value) : value;
  const lines = renderTable(
    columns.map((column, index) => ({
      title: column,
      align: shown.every((row) => looksNumeric(row[index])) ? "right" : "left",
    })),
    shown.map((row) => row.map(text)),
    style.dim,
    "    ",
  );
  const hidden = rows.length - shown.length;
  return [
    `  ${style.bold(title)}`,
    ...lines,
    ...(hidden > 0 ? [style.dim(`    and ${formatCount(hidden)} more`)] : []),
  ];
}

function looksNumeric(value: string | number | null | undefined): boolean {
  return typeof value !== "string" || /^[-+]?[\d.,]+\s*%?$/.test(value);
}
