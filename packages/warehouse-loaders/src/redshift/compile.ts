import type { LoadPlan } from "../loader/load-plan.ts";
import {
  type LoadScript,
  loadScript,
  type MergeSql,
  type ReadState,
  type Session,
  text,
} from "../merge/index.ts";
import { laterThan } from "./load-time.ts";
import type { RedshiftSettings } from "./settings.ts";
import { BOOKKEEPING, redshiftSql, schemaExists, widthsOf } from "./sql/index.ts";

/** Whether schema and tables of the loader's own are there. */
export interface Present {
  readonly schema: boolean;
  readonly tables: ReadonlySet<string>;
}

/** SQL that reads: no plan is needed for it. */
export function readingSql(settings: RedshiftSettings): MergeSql {
  return compiler(settings, { schema: true, tables: new Set() }, "", "", undefined);
}

/** The load of a plan, for a warehouse of the state that was read. */
export async function compileLoad(
  session: Session,
  settings: RedshiftSettings,
  plan: Pick<LoadPlan, "request" | "collections" | "ledgerLoads" | "plannedAt">,
  state: ReadState,
): Promise<LoadScript> {
  const tables = new Set(state.tables.map(({ name }) => name));
  const present = { schema: tables.size > 0 || (await hasSchema(session, settings)), tables };
  const loadedAt = laterThan(state.newestLoad, plan.plannedAt);
  return loadScript(plan, compiler(settings, present, plan.request.runId, loadedAt, state));
}

/** What is there of the loader's own. */
export async function presentIn(session: Session, settings: RedshiftSettings): Promise<Present> {
  const names = BOOKKEEPING.map(({ name }) => name);
  const rows = await session.rows(readingSql(settings).readCatalog(names));
  const tables = new Set(rows.map((row) => text(row, "table_name") ?? ""));
  return { schema: tables.size > 0 || (await hasSchema(session, settings)), tables };
}

async function hasSchema(session: Session, { schema }: RedshiftSettings): Promise<boolean> {
  const [row] = await session.rows(schemaExists(schema));
  return row?.["present"] === true;
}

function compiler(
  { schema, manifests, iamRole, distribution, sortKeys, varcharBytes }: RedshiftSettings,
  present: Present,
  runId: string,
  loadedAt: string,
  state: ReadState | undefined,
): MergeSql {
  return redshiftSql({
    schema,
    manifestsUrl: manifests.url,
    iamRole,
    layout: { distribution, sortKeys },
    widths: widthsOf(varcharBytes, state?.tables),
    present,
    runId,
    loadedAt,
  });
}
