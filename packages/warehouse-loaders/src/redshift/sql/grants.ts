import { literal, rawTable } from "./names.ts";

/** A table and what a load does with it. */
export interface NeededGrant {
  readonly table: string;
  readonly privileges: readonly string[];
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

/** One row per table and privilege: table_name, privilege, granted. */
export function readTableGrants(schema: string, grants: readonly NeededGrant[]): string {
  return grants
    .flatMap(({ table, privileges }) =>
      privileges.map(
        (privilege) =>
          `SELECT ${literal(table)} AS table_name, ${literal(privilege)} AS privilege, has_table_privilege(${literal(rawTable(schema, table))}, ${literal(privilege)}) AS granted`,
      ),
    )
    .join("\nUNION ALL ");
}
