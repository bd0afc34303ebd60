import { alreadyExists, ApiError, invalidQuery } from "./api-error.ts";
import { type Field, tableName, type TableReference } from "./resources.ts";
import { identifier } from "./sql/tokens.ts";
import { checkFields, dropTable } from "./table-changes.ts";
import { change, relationOf, select, type Table, type Warehouse } from "./warehouse.ts";

/** A view's own part of its table resource. A materialized view is evaluated when it is read, so it is always fresh. */
export type View =
  | { readonly kind: "VIEW"; readonly query: string }
  | {
      readonly kind: "MATERIALIZED_VIEW";
      readonly query: string;
      readonly enableRefresh: boolean;
      readonly refreshIntervalMs: number;
    };

export interface NewView {
  readonly reference: TableReference;
  readonly view: View;
  /** The query as DuckDB runs it. */
  readonly sql: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What stands there already may be a view of the same kind. */
  readonly replace: boolean;
}

/** @throws ApiError 409 when something stands there that is not to be replaced, `invalidQuery`. */
export async function createView(warehouse: Warehouse, given: NewView): Promise<Table> {
  const { reference, view, sql, metadata } = given;
  const found = warehouse.findTable(reference);
  if (found !== undefined && !given.replace) throw alreadyExists(`Table ${tableName(reference)}`);
  if (found !== undefined) mustBe(found, view.kind);
  const connection = await warehouse.connect();
  try {
    const { fields } = await select(connection, `SELECT * FROM (${sql}) LIMIT 0`);
    checkFields(fields, metadata);
    // An expired table may still be in DuckDB.
    if (found === undefined) await dropTable(warehouse, reference);
    const names = fields.map(({ name }: Field) => identifier(name)).join(", ");
    await change(connection, `CREATE OR REPLACE VIEW ${relationOf(reference)} (${names}) AS ${sql}`);
    return warehouse.putTable({
      reference,
      fields,
      metadata,
      view,
      expirationTime: null,
      creationTime: warehouse.now(),
    });
  } finally {
    connection.closeSync();
  }
}

export type TableKind = "TABLE" | View["kind"];

export const kindOf = ({ view }: Pick<Table, "view">): TableKind => view?.kind ?? "TABLE";

/** @throws ApiError 400 for another kind of table. */
export function mustBe(table: Table, wanted: TableKind): void {
  const kind = kindOf(table);
  if (kind === wanted) return;
  throw invalidQuery(
    `${tableName(table.reference)} is not allowed for this operation because it is currently a ${kind}.`,
  );
}

/** @throws ApiError 400 `invalid`: the rows of a view cannot be listed without a query. */
export function mustHoldRows(table: Table): void {
  if (kindOf(table) !== "VIEW") return;
  throw new ApiError(400, "invalid", "Cannot list a table of type VIEW.");
}

/** The block of a view in its table resource. */
export function viewAnswer(table: Table): object {
  const { view } = table;
  if (view === undefined) return {};
  if (view.kind === "VIEW") return { view: { query: view.query, useLegacySql: false } };
  const { query, enableRefresh, refreshIntervalMs } = view;
  return {
    materializedView: {
      query,
      enableRefresh,
      refreshIntervalMs: String(refreshIntervalMs),
      lastRefreshTime: String(table.creationTime),
    },
  };
}
