import type { Paint } from "./style.ts";
import { widthOf } from "./text.ts";

export interface TableColumn {
  readonly title: string;
  readonly align: "left" | "right";
}

/** Aligned lines without borders: the titles, then the rows. Cells may be coloured; their colour has no width. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  paintTitle: Paint,
  indent = "  ",
): string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ""))),
  );
  const line = (cells: readonly string[]): string =>
    indent +
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? "";
        const fill = " ".repeat((widths[index] ?? 0) - widthOf(cell));
        return align === "right" ? fill + cell : cell + fill;
      })
      .join("  ")
      .trimEnd();
  return [paintTitle(line(columns.map(({ title }) => title))), ...rows.map(line)];
}
