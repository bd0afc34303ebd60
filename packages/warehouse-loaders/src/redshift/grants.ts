import { EtlError } from "@spacex-etl/contracts";
import { type Session, text } from "../merge/index.ts";
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

const NEEDED: readonly NeededGrant[] = [
  { table: LEDGER.name, privileges: ["SELECT", "INSERT"] },
  { table: REGISTRY.name, privileges: ["SELECT", "INSERT", "DELETE"] },
  { table: TRANSFORMS.name, privileges: ["SELECT", "INSERT"] },
  { table: LOCK.name, privileges: ["SELECT", "UPDATE"] },
];

/**
 * Whether the user may do what a load does, as far as it can be asked without doing it.
 *
 * @throws EtlError WAREHOUSE_FORBIDDEN that has the missing GRANTs
 */
export async function assertGrants(
  session: Session,
  location: string,
  {
    schema,
    present,
    tables,
  }: {
    readonly schema: string;
    /** Whether the schema is there. */
    readonly present: boolean;
    /** Tables of it that are there. */
    readonly tables: ReadonlySet<string>;
  },
): Promise<void> {
  const [database] = await session.rows(READ_DATABASE_GRANTS);
  const user = `"${(text(database, "user_name") ?? "").replaceAll('"', '""')}"`;
  const on = `DATABASE "${(text(database, "database_name") ?? "").replaceAll('"', '""')}"`;
  const missing: string[] = [];
  if (database?.["create_temp"] !== true) missing.push(`GRANT TEMP ON ${on} TO ${user};`);
  if (!present) {
    if (database?.["create_schema"] !== true) missing.push(`GRANT CREATE ON ${on} TO ${user};`);
  } else {
    const [found] = await session.rows(readSchemaGrants(schema));
    const lacking = ["usage", "create"].filter((privilege) => found?.[privilege] !== true);
    if (lacking.length > 0)
      missing.push(`GRANT ${lacking.join(", ").toUpperCase()} ON SCHEMA ${identifier(schema)} TO ${user};`);
    const needed = NEEDED.filter(({ table }) => tables.has(table));
    // Without USAGE nothing is said of the tables.
    if (needed.length > 0 && !lacking.includes("usage")) {
      const byTable = new Map<string, string[]>();
      for (const row of await session.rows(readTableGrants(schema, needed))) {
        if (row["granted"] === true) continue;
        const table = text(row, "table_name") ?? "";
        byTable.set(table, [...(byTable.get(table) ?? []), text(row, "privilege") ?? ""]);
      }
      for (const [table, privileges] of byTable)
        missing.push(`GRANT ${privileges.join(", ")} ON ${rawTable(schema, table)} TO ${user};`);
    }
  }
  if (missing.length === 0) return;
  throw new EtlError({
    kind: "auth",
    code: "WAREHOUSE_FORBIDDEN",
    message: `The user ${user} of ${location} lacks ${missing.length} permission${missing.length === 1 ? "" : "s"} that a load needs.`,
    hint: `Have somebody who may run this: ${missing.join(" ")}`,
    details: { missing },
  });
}
