import type { LoadStatement, PlannedCollection, PlannedTable } from "../loader/load-plan.ts";
import type { CheckedStage } from "./sql/index.ts";

/** A table whose rows are brought to BigQuery before they are merged. */
export interface StagedTable extends CheckedStage {
  readonly table: PlannedTable;
  /** `tables.insert`: it is there before the load job. */
  readonly resource: object;
  /** Undefined for a table without rows, which has no load job. */
  readonly load: LoadStatement | undefined;
}

/** The statements of a load by their part in it. `plan` prints them, `stage` to `apply` send them: the same text. */
export interface LoadScript {
  /** One job; none where nothing is made or altered. */
  readonly schema: readonly LoadStatement[];
  /** A load job each. */
  readonly stages: readonly StagedTable[];
  /** Undefined where nothing is staged. */
  readonly reconcile: LoadStatement | undefined;
  /** Those of which reconcile counts what would be deleted. */
  readonly compared: readonly PlannedCollection[];
  /** One job. */
  readonly transaction: readonly LoadStatement[];
  /** One job. */
  readonly cleanup: readonly LoadStatement[];
}

/** In the order in which they are sent. */
export function statementsOf(script: LoadScript): LoadStatement[] {
  return [
    ...script.schema,
    ...script.stages.flatMap(({ load }) => (load === undefined ? [] : [load])),
    ...(script.reconcile === undefined ? [] : [script.reconcile]),
    ...script.transaction,
    ...script.cleanup,
  ];
}

/** Several statements as the one text of a script. */
export function textOfScript(statements: readonly LoadStatement[]): string {
  return statements.map(({ sql }) => `${sql};`).join("\n");
}
