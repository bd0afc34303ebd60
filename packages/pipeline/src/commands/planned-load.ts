import { readTables } from "@spacex-etl/lake-writers";
import { type LoadPlan, plannedTables, type PlannedTable } from "@spacex-etl/warehouse-loaders";
import type { Session } from "../session/session.ts";
import { loadRequest } from "../steps/load-step.ts";
import { schemaRequest } from "../steps/schema-request.ts";
import { count } from "./format.ts";
import { describeBeforehand, describeNumbers, isSchema, loadNumbers } from "./load-numbers.ts";
import type { LakeBefore } from "./planned-lake.ts";

export interface PlannedLoad {
  /** Undefined where the run's tables are not known yet. */
  readonly plan: LoadPlan | undefined;
  readonly location: string;
  readonly note: string;
  readonly lines: readonly string[];
  readonly document: unknown;
}

/** With tables in the lake the exact load; before that the exact DDL, because only the schema is known. */
export async function plannedLoad(session: Session, before: LakeBefore): Promise<PlannedLoad> {
  const loader = await session.loader();
  const { location } = loader;
  return before.state === "normalized"
    ? { location, ...(await ofTables(session, before.runId)) }
    : { location, ...(await ofSchema(session)) };
}

async function ofTables(session: Session, runId: string): Promise<Omit<PlannedLoad, "location">> {
  const { config, store, signal } = session;
  const loader = await session.loader();
  const request = loadRequest(config, store, await readTables(store, runId, signal));
  const plan = await loader.preflight(request, { signal });
  const numbers = loadNumbers(config.warehouse.kind, plan.statements);
  const tables = plannedTables(plan);
  return {
    plan,
    note: describeDecision(plan, describeNumbers(config.warehouse.kind, numbers)),
    lines: [...warnings(plan), ...tables.map(describeTable), ...texts(plan.statements)],
    document: {
      decision: plan.decision,
      numbers,
      warnings: plan.warnings,
      tables: tables.map(({ table, action, rows, liveRows }) => ({ table, action, rows, liveRows })),
      statements: plan.statements,
    },
  };
}

async function ofSchema(session: Session): Promise<Omit<PlannedLoad, "location">> {
  const { config, signal } = session;
  const loader = await session.loader();
  const plan = await loader.preflight(schemaRequest(config, config.collections), { signal });
  const statements = plan.statements.filter(isSchema);
  const tables = plannedTables(plan);
  const numbers = describeBeforehand(config.warehouse.kind, statements.length, tables.length);
  return {
    plan: undefined,
    note: `${numbers}; what is merged is known once the run is normalized`,
    lines: [...warnings(plan), ...texts(statements)],
    document: {
      decision: "unknown",
      numbers: { jobs: null, schemaStatements: statements.length, transactionStatements: null },
      warnings: plan.warnings,
      tables: tables.map(({ table, action, liveRows }) => ({ table, action, rows: null, liveRows })),
      statements,
    },
  };
}

const warnings = (plan: LoadPlan): string[] => plan.warnings.map(({ message }) => `  warning: ${message}`);

/** As they are sent; a load job is its configuration in JSON, which no semicolon ends. */
function texts(statements: LoadPlan["statements"]): string[] {
  return statements.map(({ sql }) => {
    const text = sql.trim();
    return text.startsWith("{") || text.endsWith(";") ? text : `${text};`;
  });
}

function describeDecision({ decision, loadedAt }: LoadPlan, numbers: string): string {
  switch (decision) {
    case "already-loaded":
      return `this run was loaded at ${loadedAt}; nothing to do`;
    case "superseded":
      return "a newer extraction is loaded; nothing to do";
    case "load":
      return numbers;
  }
}

function describeTable({ table, action, rows, liveRows }: PlannedTable): string {
  return `  ${table}: ${action}, ${count(liveRows)} rows now, ${count(rows)} in the run`;
}
