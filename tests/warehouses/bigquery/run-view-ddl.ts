import { alreadyExists, invalidQuery } from "./api-error.ts";
import { tableName, type TableReference } from "./resources.ts";
import { type Session, toDuckDb } from "./session.ts";
import type { Ddl } from "./sql/ddl.ts";
import { checkMaterializedView } from "./sql/materialized-view.ts";
import { isWord, type Token } from "./sql/tokens.ts";
import { createView, kindOf, type View } from "./views.ts";
import type { Table } from "./warehouse.ts";

type CreateView = Extract<Ddl, { kind: "create view" }>;

/** The service's own defaults for a materialized view. */
const REFRESH = { enableRefresh: true, refreshIntervalMs: 30 * 60_000 };

/** CREATE VIEW and CREATE MATERIALIZED VIEW. @throws ApiError `invalidQuery`, 409. */
export async function runCreateView(
  session: Session,
  ddl: CreateView,
  reference: TableReference,
): Promise<void> {
  const { warehouse, quota } = session;
  const found = warehouse.findTable(reference);
  if (found !== undefined && ddl.exists === "ignore") return;
  if (found !== undefined && ddl.exists === "error") throw alreadyExists(`Table ${tableName(reference)}`);
  refuseMoment(ddl.query);
  const sources: Table[] = [];
  const sql = toDuckDb(session, ddl.query, (table) => sources.push(table));
  if (ddl.of === "MATERIALIZED_VIEW") {
    checkMaterializedView(ddl.query);
    for (const source of sources) refuseSource(source);
  }
  const { description, labels } = ddl.options;
  if (ddl.options.expirationTime !== undefined)
    throw invalidQuery("A view with an expiration is none that this double knows");
  quota.updateMetadata(tableName(reference));
  await createView(warehouse, {
    reference,
    view: viewOf(ddl),
    sql,
    metadata: {
      ...(description === undefined ? {} : { description }),
      ...(labels === undefined ? {} : { labels }),
      ...(ddl.clustering === null ? {} : { clustering: { fields: ddl.clustering } }),
    },
    replace: ddl.exists === "replace",
  });
}

function viewOf({ of, query, options }: CreateView): View {
  const text = query.map((token) => token.text).join(" ");
  if (of === "VIEW") return { kind: of, query: text };
  const { enableRefresh = REFRESH.enableRefresh, refreshInterval = REFRESH.refreshIntervalMs } = options;
  return { kind: of, query: text, enableRefresh, refreshIntervalMs: refreshInterval };
}

/** A view of DuckDB would keep the moment at which it was made. */
function refuseMoment(query: readonly Token[]): void {
  const moment = query.find((token) => isWord(token, "CURRENT_TIMESTAMP", "CURRENT_DATE"));
  if (moment !== undefined)
    throw invalidQuery(`${moment.text} in a view is none that this double knows, at ${moment.at}`);
}

function refuseSource(source: Table): void {
  const kind = kindOf(source);
  if (kind === "TABLE") return;
  throw invalidQuery(
    `Materialized views over ${kind === "VIEW" ? "logical" : "other materialized"} views are not supported: ${tableName(source.reference)}`,
  );
}
