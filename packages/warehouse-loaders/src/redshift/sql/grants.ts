import { literal } from "./names.ts";

export type Privilege = (typeof PRIVILEGES)[number];

const PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE"] as const;

/** A table and what a load does with it. */
export interface NeededGrant {
  readonly table: string;
  readonly privileges: readonly Privilege[];
  /** Whether columns are added, which is for owners. */
  readonly owner?: boolean;
}

/** One row: user_name, database_name, create_schema, create_temp. */
export const READ_DATABASE_GRANTS = [
  "SELECT current_user AS user_name, current_database() AS database_name,",
  "  has_database_privilege(current_database(), 'CREATE') AS create_schema,",
  "  has_database_privilege(current_database(), 'TEMP') AS create_temp",
].join("\n");

/** One row, USAGE and CREATE: of a schema that is there. */
export function readSchemaGrants(schema: string): string {
  return `SELECT has_schema_privilege(${literal(schema)}, 'USAGE') AS usage, has_schema_privilege(${literal(schema)}, 'CREATE') AS "create"`;
}

/**
 * One row per table that is there: user_name, table_name, may_select … may_delete, and may_alter: for the table's owner,
 * the schema's, and superusers.
 *
 * @see https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
 */
export function readTableGrants(schema: string, grants: readonly NeededGrant[]): string {
  const name = "quote_ident(n.nspname) || '.' || quote_ident(c.relname)";
  return [
    "SELECT current_user AS user_name, c.relname AS table_name,",
    ...PRIVILEGES.map(
      (privilege) =>
        `  has_table_privilege(${name}, ${literal(privilege)}) AS may_${privilege.toLowerCase()},`,
    ),
    "  (u.usesuper OR u.usesysid = c.relowner OR u.usesysid = n.nspowner) AS may_alter",
    "FROM pg_namespace AS n",
    "JOIN pg_class AS c ON c.relnamespace = n.oid",
    "JOIN pg_user AS u ON u.usename = current_user",
    `WHERE n.nspname = ${literal(schema)}`,
    `  AND c.relname IN (${grants.map(({ table }) => literal(table)).join(", ")})`,
  ].join("\n");
}
