import type { LoadStatement } from "@spacex-etl/warehouse-loaders";
import type { WarehouseLocation } from "../config/index.ts";
import { plural } from "./format.ts";

/** How much a load asks of its warehouse. */
export interface LoadNumbers {
  /** Load jobs of BigQuery or COPY statements of Redshift; DuckDB reads the files in place. */
  readonly jobs: number;
  /** Statements that make or change tables that stay; stages and temporary tables are none. */
  readonly schemaStatements: number;
  /** All in the transaction, its schema statements included. On BigQuery all of the script around it, one query job. */
  readonly transactionStatements: number;
}

type Engine = WarehouseLocation["kind"];

const JOB: Readonly<Record<Engine, string | undefined>> = {
  duckdb: undefined,
  bigquery: "load job",
  redshift: "COPY statement",
};

/** Counted from the statements of a plan, which are those that are executed. */
export function loadNumbers(engine: Engine, statements: readonly LoadStatement[]): LoadNumbers {
  const staged = statements.filter(({ purpose, phase }) => purpose === "stage" && phase === "stage");
  return {
    jobs: JOB[engine] === undefined ? 0 : staged.length,
    schemaStatements: statements.filter(isSchema).length,
    transactionStatements: statements.filter(({ phase }) => phase === "transaction").length,
  };
}

/** Whether it makes or changes a table that stays. */
export function isSchema({ purpose, phase }: LoadStatement): boolean {
  return purpose === "ddl" && (phase === "schema" || phase === "transaction");
}

export function describeNumbers(engine: Engine, numbers: LoadNumbers): string {
  const { jobs, schemaStatements, transactionStatements } = numbers;
  const job = JOB[engine];
  const unit = engine === "bigquery" ? "script" : "transaction";
  return [
    ...(job === undefined ? [] : [plural(jobs, job)]),
    plural(schemaStatements, "schema statement"),
    `one ${unit} of ${plural(transactionStatements, "statement")}`,
  ].join(", ");
}

/** Before the run's tables are known: of jobs there is one for each table at most. */
export function describeBeforehand(engine: Engine, schemaStatements: number, tables: number): string {
  const job = JOB[engine];
  return [
    plural(schemaStatements, "schema statement"),
    ...(job === undefined ? [] : [`at most ${plural(tables, job)}`]),
  ].join(", ");
}
