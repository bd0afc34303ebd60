import { EtlError } from "@spacex-etl/contracts";
import type { PlannedCollection } from "../loader/load-plan.ts";
import { type MergeSql, type Row, type Session, text } from "../merge/index.ts";
import { LEDGER, REGISTRY, TRANSFORMS } from "../planning/index.ts";
import {
  identifier,
  LOCK,
  type NeededGrant,
  rawTable,
  READ_DATABASE_GRANTS,
  readSchemaGrants,
  readTableGrants,
} from "./sql/index.ts";

const BOOKKEEPING_GRANTS: readonly NeededGrant[] = [
  { table: LEDGER.name, privileges: ["SELECT", "INSERT"] },
  { table: REGISTRY.name, privileges: ["SELECT", "INSERT", "DELETE"] },
  { table: TRANSFORMS.name, privileges: ["SELECT", "INSERT"] },
  { table: LOCK.name, privileges: ["SELECT", "UPDATE"] },
];

/** What a load does with a raw table. */
export function neededOf(table: string): NeededGrant {
  return { table, privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"] };
}

/** What a load of these collections does with tables that are there. */
export function grantsOf(collections: readonly PlannedCollection[]): NeededGrant[] {
  return collections
    .filter(({ outcome }) => outcome === "load")
    .flatMap(({ tables }) => tables)
    .map(({ table, addedColumns }) => ({ ...neededOf(table), owner: addedColumns.length > 0 }));
}

/**
 * Whether the user may load into the raw tables that are there, and into the loader's own.
 *
 * @throws EtlError WAREHOUSE_FORBIDDEN that has the missing GRANTs
 */
export async function assertTableGrants(
  session: Session,
  location: string,
  schema: string,
  tables: readonly NeededGrant[],
): Promise<void> {
  const needed = [...BOOKKEEPING_GRANTS, ...tables];
  const rows = await session.rows(readTableGrants(schema, needed));
  refuse(location, text(rows[0], "user_name"), missingOf(schema, needed, rows));
}

/**
 * Whether the user may do what a load does, as far as it can be asked without doing it: in the database, in the schema, in
 * the loader's own tables and in all that are registered.
 *
 * @param present Whether the schema is there.
 * @throws EtlError WAREHOUSE_FORBIDDEN that has the missing GRANTs
 */
export async function assertGrants(
  session: Session,
  location: string,
  schema: string,
  present: boolean,
  sql: Pick<MergeSql, "readRegistry">,
): Promise<void> {
  const [database] = await session.rows(READ_DATABASE_GRANTS);
  const userName = text(database, "user_name");
  const user = quoted(userName);
  const on = `DATABASE ${quoted(text(database, "database_name"))}`;
  const missing: string[] = [];
  if (database?.["create_temp"] !== true) missing.push(`GRANT TEMP ON ${on} TO ${user};`);
  if (!present) {
    if (database?.["create_schema"] !== true) missing.push(`GRANT CREATE ON ${on} TO ${user};`);
  } else {
    const [found] = await session.rows(readSchemaGrants(schema));
    const lacking = ["usage", "create"].filter((privilege) => found?.[privilege] !== true);
    if (lacking.length > 0)
      missing.push(`GRANT ${lacking.join(", ").toUpperCase()} ON SCHEMA ${identifier(schema)} TO ${user};`);
    // Without USAGE nothing is said of the tables.
    if (!lacking.includes("usage")) {
      const own = await session.rows(readTableGrants(schema, BOOKKEEPING_GRANTS));
      missing.push(...missingOf(schema, BOOKKEEPING_GRANTS, own));
      const registry = own.find((row) => text(row, "table_name") === REGISTRY.name);
      const registered = registry?.["may_select"] === true ? await session.rows(sql.readRegistry()) : [];
      const needed = registered.map((row) => neededOf(text(row, "table_name") ?? ""));
      if (needed.length > 0)
        missing.push(...missingOf(schema, needed, await session.rows(readTableGrants(schema, needed))));
    }
  }
  refuse(location, userName, missing);
}

/** @param rows Of `readTableGrants`; a table that is not there has none, and needs no grant. */
function missingOf(schema: string, needed: readonly NeededGrant[], rows: readonly Row[]): string[] {
  return rows.flatMap((row) => {
    const table = text(row, "table_name") ?? "";
    const { privileges, owner = false } = needed.find((each) => each.table === table) ?? neededOf(table);
    const user = quoted(text(row, "user_name"));
    const lacking = privileges.filter((privilege) => row[`may_${privilege.toLowerCase()}`] !== true);
    const name = rawTable(schema, table);
    return [
      ...(lacking.length > 0 ? [`GRANT ${lacking.join(", ")} ON ${name} TO ${user};`] : []),
      ...(owner && row["may_alter"] !== true ? [`ALTER TABLE ${name} OWNER TO ${user};`] : []),
    ];
  });
}

function refuse(location: string, user: string | null, missing: readonly string[]): void {
  if (missing.length === 0) return;
  throw new EtlError({
    kind: "auth",
    code: "WAREHOUSE_FORBIDDEN",
    message: `The user ${quoted(user)} of ${location} lacks ${missing.length} permission${missing.length === 1 ? "" : "s"} that a load needs.`,
    hint: `Have somebody who may run this: ${missing.join(" ")}`,
    details: { missing },
  });
}

function quoted(name: string | null): string {
  return `"${(name ?? "").replaceAll('"', '""')}"`;
}
