import { alreadyExists, invalid } from "./api-error.ts";
import { type Field, normalizedFields, tableName, type TableReference } from "./resources.ts";
import { identifier } from "./sql/tokens.ts";
import { columnSql, createTableSql, relationOf, type Table, type Warehouse } from "./warehouse.ts";

export interface NewTable {
  readonly reference: TableReference;
  readonly fields: readonly Field[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly expirationTime: number | null;
}

/** @throws ApiError 404 without its dataset, 409 when it exists, 400 for fields it cannot have. */
export async function createTable(warehouse: Warehouse, table: NewTable): Promise<Table> {
  warehouse.dataset(table.reference.projectId, table.reference.datasetId);
  if (warehouse.findTable(table.reference) !== undefined)
    throw alreadyExists(`Table ${tableName(table.reference)}`);
  return replaceTable(warehouse, table);
}

export async function replaceTable(warehouse: Warehouse, table: NewTable): Promise<Table> {
  const fields = normalizedFields(table.fields);
  checkFields(fields, table.metadata);
  if (warehouse.isView(table.reference)) await dropTable(warehouse, table.reference);
  await run(warehouse, [createTableSql(table.reference, fields)]);
  return warehouse.putTable({ ...table, fields, creationTime: warehouse.now() });
}

export async function dropTable(warehouse: Warehouse, reference: TableReference): Promise<void> {
  const kind = warehouse.isView(reference) ? "VIEW" : "TABLE";
  await run(warehouse, [`DROP ${kind} IF EXISTS ${relationOf(reference)}`]);
  warehouse.removeTable(reference);
}

/**
 * Brings a table to a wider schema: new nullable columns at the end, REQUIRED made NULLABLE, descriptions.
 *
 * @throws ApiError 400 `invalid` for everything else.
 */
export async function changeFields(
  warehouse: Warehouse,
  table: Table,
  wanted: readonly Field[],
): Promise<Table> {
  const fields = normalizedFields(wanted);
  checkFields(fields, table.metadata);
  const relation = relationOf(table.reference);
  const statements: string[] = [];
  const byName = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
  for (const old of table.fields) {
    const field = byName.get(old.name.toLowerCase());
    if (field === undefined) throw mismatch(table, `Field ${old.name} is missing in new schema`);
    if (field.type !== old.type) {
      throw mismatch(table, `Field ${old.name} has changed type from ${old.type} to ${field.type}`);
    }
    if (field.mode === old.mode) continue;
    if (field.mode === "REQUIRED") {
      throw mismatch(table, `Field ${old.name} has changed mode from NULLABLE to REQUIRED`);
    }
    statements.push(`ALTER TABLE ${relation} ALTER COLUMN ${identifier(old.name)} DROP NOT NULL`);
  }
  const known = new Set(table.fields.map(({ name }) => name.toLowerCase()));
  for (const field of fields) {
    if (known.has(field.name.toLowerCase())) continue;
    if (field.mode === "REQUIRED")
      throw mismatch(table, `Cannot add required fields to an existing schema. (field: ${field.name})`);
    statements.push(`ALTER TABLE ${relation} ADD COLUMN ${columnSql(field)}`);
  }
  await run(warehouse, statements);
  const kept = table.fields.map((old) => ({
    ...old,
    ...byName.get(old.name.toLowerCase())!,
    name: old.name,
  }));
  const added = fields.filter(({ name }) => !known.has(name.toLowerCase()));
  return warehouse.putTable({ ...table, fields: [...kept, ...added] });
}

const mismatch = (table: Table, what: string): Error =>
  invalid(`Provided Schema does not match Table ${tableName(table.reference)}. ${what}`);

/** @throws ApiError 400 `invalid`: doubled names, clustering or partitioning by what is not there. */
export function checkFields(fields: readonly Field[], metadata: Readonly<Record<string, unknown>>): void {
  const names = new Map<string, Field>();
  for (const field of fields) {
    if (names.has(field.name.toLowerCase()))
      throw invalid(`Invalid schema: Duplicate column name ${field.name}`);
    names.set(field.name.toLowerCase(), field);
  }
  const { clustering, timePartitioning } = metadata as {
    readonly clustering?: { readonly fields: readonly string[] };
    readonly timePartitioning?: { readonly field?: string };
  };
  for (const name of clustering?.fields ?? []) {
    const type = names.get(name.toLowerCase())?.type;
    if (type === undefined)
      throw invalid(`The field specified for clustering cannot be found in the schema: ${name}`);
    if (type === "FLOAT")
      throw invalid(`Field ${name} has type FLOAT, which is not supported for clustering`);
  }
  const partition = timePartitioning?.field;
  if (partition === undefined) return;
  const type = names.get(partition.toLowerCase())?.type;
  if (type !== "DATE" && type !== "TIMESTAMP") {
    throw invalid(
      `The field specified for partitioning cannot be found in the schema or is neither DATE nor TIMESTAMP: ${partition}`,
    );
  }
}

async function run(warehouse: Warehouse, statements: readonly string[]): Promise<void> {
  const connection = await warehouse.connect();
  try {
    await connection.run("BEGIN");
    for (const statement of statements) await connection.run(statement);
    await connection.run("COMMIT");
  } finally {
    connection.closeSync();
  }
}
