import { alreadyExists, invalidQuery, notFound } from "./api-error.ts";
import { createDataset } from "./datasets.ts";
import { type Field, tableName, type TableReference } from "./resources.ts";
import { runCreateView } from "./run-view-ddl.ts";
import { mutating, referenceOf, type Session, toDuckDb } from "./session.ts";
import type { Alteration, Ddl } from "./sql/ddl.ts";
import type { TableOptions } from "./sql/options.ts";
import { identifier } from "./sql/tokens.ts";
import { changeFields, createTable, dropTable, type NewTable, replaceTable } from "./table-changes.ts";
import { mustBe, type View } from "./views.ts";
import { change, columnSql, relationOf, select, type Table } from "./warehouse.ts";

/** @returns Rows that TRUNCATE removed, else null. */
export async function runDdl(session: Session, ddl: Ddl): Promise<number | null> {
  if (ddl.kind === "create" && ddl.temporary) {
    await createTemporary(session, ddl);
    return null;
  }
  if (ddl.kind === "create schema") {
    await createSchema(session, ddl);
    return null;
  }
  const reference = referenceOf(session, ddl.path);
  if (reference === null) {
    if (ddl.kind !== "drop")
      throw invalidQuery("A temporary table can only be made, read, written and dropped in this double");
    await change(session.connection, `DROP TABLE ${identifier(ddl.path[0]!)}`);
    session.temporary.delete(ddl.path[0]!.toUpperCase());
    return null;
  }
  session.warehouse.dataset(reference.projectId, reference.datasetId, session.location);
  if (ddl.kind === "truncate") {
    mustBe(session.warehouse.table(reference, session.location), "TABLE");
    return mutating(session, reference, () =>
      change(session.connection, `DELETE FROM ${relationOf(reference)}`),
    );
  }
  if (session.transaction !== null) {
    throw invalidQuery("DDL statements on permanent tables are not supported inside of a transaction");
  }
  if (ddl.kind === "create") await create(session, ddl, reference);
  else if (ddl.kind === "create view") await runCreateView(session, ddl, reference);
  else if (ddl.kind === "alter") await alter(session, ddl, reference);
  else await drop(session, ddl, reference);
  return null;
}

async function createSchema(
  { warehouse, projectId, location }: Session,
  { path, ifNotExists, options }: Extract<Ddl, { kind: "create schema" }>,
): Promise<void> {
  const [datasetId, project = projectId, more] = path.toReversed();
  if (datasetId === undefined || more !== undefined)
    throw invalidQuery(`Invalid dataset name: ${path.join(".")}`);
  if (ifNotExists && warehouse.datasets.has(`${project}:${datasetId}`)) return;
  if (options.location !== undefined && options.location.toLowerCase() !== location.toLowerCase())
    throw invalidQuery(`The job runs in ${location}, where no dataset of ${options.location} can be made`);
  const { kmsKey, ...others } = options;
  const metadata = {
    ...describing(others),
    ...(kmsKey === undefined ? {} : { defaultEncryptionConfiguration: { kmsKeyName: kmsKey } }),
  };
  await createDataset(warehouse, { projectId: project, datasetId, location, metadata, version: 1 });
}

async function drop(
  { warehouse }: Session,
  ddl: Extract<Ddl, { kind: "drop" }>,
  reference: TableReference,
): Promise<void> {
  const found = warehouse.findTable(reference);
  if (found === undefined && ddl.ifExists) return;
  if (found === undefined) throw notFound(`Table ${tableName(reference)}`);
  mustBe(found, ddl.of);
  await dropTable(warehouse, reference);
}

type Create = Extract<Ddl, { kind: "create" }>;

async function createTemporary(session: Session, ddl: Create): Promise<void> {
  const [name, more] = ddl.path;
  if (name === undefined || more !== undefined || ddl.exists === "ignore") {
    throw invalidQuery("CREATE TEMP TABLE takes a name without a dataset in this double");
  }
  const head = `CREATE ${ddl.exists === "replace" ? "OR REPLACE " : ""}TEMP TABLE ${identifier(name)}`;
  if (ddl.query !== null && ddl.fields !== null)
    throw invalidQuery("CREATE TEMP TABLE has either columns or a query in this double");
  const body =
    ddl.query === null ? `(${ddl.fields!.map(columnSql).join(", ")})` : `AS ${toDuckDb(session, ddl.query)}`;
  await change(session.connection, `${head} ${body}`);
  session.temporary.add(name.toUpperCase());
}

async function create(session: Session, ddl: Create, reference: TableReference): Promise<void> {
  const { warehouse, connection, quota } = session;
  const found = warehouse.findTable(reference);
  if (found !== undefined && ddl.exists === "ignore") return;
  if (found !== undefined && ddl.exists === "error") throw alreadyExists(`Table ${tableName(reference)}`);
  if (found !== undefined) mustBe(found, "TABLE");
  quota.updateMetadata(tableName(reference));
  const table = (fields: readonly Field[]): NewTable => ({
    reference,
    fields,
    metadata: {
      ...describing(ddl.options),
      ...(ddl.clustering === null ? {} : { clustering: { fields: ddl.clustering } }),
      ...(ddl.partition === null ? {} : { timePartitioning: { type: "DAY", field: ddl.partition } }),
    },
    expirationTime: expirationOf(ddl.options, warehouse.now()) ?? null,
  });
  const make = found === undefined ? createTable : replaceTable;
  if (ddl.query === null) {
    await make(warehouse, table(ddl.fields!));
    return;
  }
  await change(connection, `CREATE TEMP TABLE "query of ctas" AS ${toDuckDb(session, ddl.query)}`);
  try {
    const { fields } = await select(connection, `SELECT * FROM "query of ctas" LIMIT 0`);
    await make(warehouse, table(ddl.fields === null ? fields : declared(ddl.fields, fields)));
    await change(connection, `INSERT INTO ${relationOf(reference)} SELECT * FROM "query of ctas"`);
  } finally {
    await change(connection, `DROP TABLE "query of ctas"`);
  }
}

async function alter(
  session: Session,
  ddl: Extract<Ddl, { kind: "alter" }>,
  reference: TableReference,
): Promise<void> {
  const { warehouse, quota, location } = session;
  if (ddl.ifExists && warehouse.findTable(reference) === undefined) return;
  const table = warehouse.table(reference, location);
  mustBe(table, ddl.of);
  quota.updateMetadata(tableName(reference));
  let changed = table;
  const fields = ddl.changes.reduce((before, each) => altered(table, before, each), table.fields);
  if (fields !== table.fields) changed = await changeFields(warehouse, table, fields);
  for (const each of ddl.changes) {
    if (each.kind !== "options") continue;
    const expirationTime = expirationOf(each.options, warehouse.now()) ?? changed.expirationTime;
    const metadata = { ...changed.metadata, ...describing(each.options) };
    const { view } = changed;
    changed = warehouse.putTable({
      ...changed,
      metadata,
      expirationTime: each.options.expirationTime === null ? null : expirationTime,
      ...(view?.kind === "MATERIALIZED_VIEW" ? { view: refreshed(view, each.options) } : {}),
    });
  }
}

function altered(table: Table, fields: readonly Field[], alteration: Alteration): readonly Field[] {
  if (alteration.kind === "options") return fields;
  const wanted = (alteration.kind === "add" ? alteration.field.name : alteration.column).toLowerCase();
  const exists = fields.some(({ name }) => name.toLowerCase() === wanted);
  if (alteration.kind === "add") {
    if (!exists) return [...fields, alteration.field];
    if (alteration.ifNotExists) return fields;
    throw invalidQuery(
      `Column already exists: ${alteration.field.name} at table ${tableName(table.reference)}`,
    );
  }
  if (!exists)
    throw invalidQuery(`Column not found: ${alteration.column} in table ${tableName(table.reference)}`);
  return fields.map((field) =>
    field.name.toLowerCase() === wanted ? { ...field, mode: "NULLABLE" as const } : field,
  );
}

/** Columns that were written before AS, over those of the query. @throws ApiError `invalidQuery`. */
function declared(wanted: readonly Field[], found: readonly Field[]): readonly Field[] {
  if (wanted.length !== found.length) {
    throw invalidQuery(
      `The number of columns in the column definition list does not match the number of columns produced by the query: ${wanted.length} and ${found.length}`,
    );
  }
  return wanted;
}

/** Milliseconds since 1970, null for none, undefined where the options say nothing. */
function expirationOf({ expirationTime }: TableOptions, now: number): number | null | undefined {
  return typeof expirationTime === "object" && expirationTime !== null
    ? now + expirationTime.fromNow
    : expirationTime;
}

const refreshed = (view: Extract<View, { kind: "MATERIALIZED_VIEW" }>, options: TableOptions): View => ({
  ...view,
  enableRefresh: options.enableRefresh ?? view.enableRefresh,
  refreshIntervalMs: options.refreshInterval ?? view.refreshIntervalMs,
});

const describing = ({ description, labels, kmsKey }: TableOptions): object => ({
  ...(description === undefined ? {} : { description }),
  ...(labels === undefined ? {} : { labels }),
  ...(kmsKey === undefined ? {} : { encryptionConfiguration: { kmsKeyName: kmsKey } }),
});
