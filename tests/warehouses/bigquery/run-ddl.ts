import { alreadyExists, invalidQuery, notFound } from "./api-error.ts";
import { type Field, tableName, type TableReference } from "./resources.ts";
import { mutating, referenceOf, type Session, toDuckDb } from "./session.ts";
import type { Alteration, Ddl, TableOptions } from "./sql/ddl.ts";
import { identifier } from "./sql/tokens.ts";
import { changeFields, createTable, dropTable, type NewTable, replaceTable } from "./table-changes.ts";
import { change, columnSql, relationOf, select, type Table } from "./warehouse.ts";

/** @returns Rows that TRUNCATE removed, else null. */
export async function runDdl(session: Session, ddl: Ddl): Promise<number | null> {
  if (ddl.kind === "create" && ddl.temporary) {
    await createTemporary(session, ddl);
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
    session.warehouse.table(reference, session.location);
    return mutating(session, reference, () =>
      change(session.connection, `DELETE FROM ${relationOf(reference)}`),
    );
  }
  if (session.transaction !== null) {
    throw invalidQuery("DDL statements on permanent tables are not supported inside of a transaction");
  }
  if (ddl.kind === "create") await create(session, ddl, reference);
  else if (ddl.kind === "alter") await alter(session, ddl, reference);
  else if (session.warehouse.findTable(reference) !== undefined)
    await dropTable(session.warehouse, reference);
  else if (!ddl.ifExists) throw notFound(`Table ${tableName(reference)}`);
  return null;
}

type Create = Extract<Ddl, { kind: "create" }>;

async function createTemporary(session: Session, ddl: Create): Promise<void> {
  const [name, more] = ddl.path;
  if (name === undefined || more !== undefined || ddl.exists === "ignore") {
    throw invalidQuery("CREATE TEMP TABLE takes a name without a dataset in this double");
  }
  const head = `CREATE ${ddl.exists === "replace" ? "OR REPLACE " : ""}TEMP TABLE ${identifier(name)}`;
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
  quota.updateMetadata(tableName(reference));
  const table = (fields: readonly Field[]): NewTable => ({
    reference,
    fields,
    metadata: {
      ...describing(ddl.options),
      ...(ddl.clustering === null ? {} : { clustering: { fields: ddl.clustering } }),
      ...(ddl.partition === null ? {} : { timePartitioning: { type: "DAY", field: ddl.partition } }),
    },
    expirationTime: ddl.options.expirationTime ?? null,
  });
  const make = found === undefined ? createTable : replaceTable;
  if (ddl.query === null) {
    await make(warehouse, table(ddl.fields!));
    return;
  }
  await change(connection, `CREATE TEMP TABLE "query of ctas" AS ${toDuckDb(session, ddl.query)}`);
  try {
    const { fields } = await select(connection, `SELECT * FROM "query of ctas" LIMIT 0`);
    await make(warehouse, table(fields));
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
  quota.updateMetadata(tableName(reference));
  let changed = table;
  const fields = ddl.changes.reduce((before, each) => altered(table, before, each), table.fields);
  if (fields !== table.fields) changed = await changeFields(warehouse, table, fields);
  for (const each of ddl.changes) {
    if (each.kind !== "options") continue;
    const { expirationTime = changed.expirationTime } = each.options;
    const metadata = { ...changed.metadata, ...describing(each.options) };
    changed = warehouse.putTable({ ...changed, metadata, expirationTime });
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

const describing = ({ description, labels }: TableOptions): object => ({
  ...(description === undefined ? {} : { description }),
  ...(labels === undefined ? {} : { labels }),
});
