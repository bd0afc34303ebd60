import { EtlError } from "@spacex-etl/contracts";

/** What reconcile found out about a stage. */
export interface StageFacts {
  readonly table: string;
  /** The manifest's promise. */
  readonly expectedRows: number;
  readonly rows: number;
  /** Rows in which a key column is null. */
  readonly nullKeys: number;
  /** Keys that occur more than once. */
  readonly duplicateKeys: number;
  /** Some of them, for the message. */
  readonly duplicateExamples: readonly string[];
  /** Child rows whose parent is not in the parent's stage; 0 for a parent. */
  readonly orphans: number;
}

/** @throws EtlError of kind `integrity` (exit 10): STAGE_COUNT, KEY_NULL, KEY_DUPLICATE, CHILD_ORPHAN. */
export function assertStage(facts: StageFacts): void {
  const { table } = facts;
  assertStageCount(table, facts.expectedRows, facts.rows);
  if (facts.nullKeys > 0) {
    throw damaged("KEY_NULL", `${facts.nullKeys} of the ${facts.rows} rows of ${table} have no key.`, facts);
  }
  if (facts.duplicateKeys > 0) {
    throw damaged(
      "KEY_DUPLICATE",
      `${facts.duplicateKeys} keys occur more than once in the ${facts.rows} rows of ${table}: ${facts.duplicateExamples.join(", ")}.`,
      facts,
    );
  }
  if (facts.orphans > 0) {
    throw damaged(
      "CHILD_ORPHAN",
      `${facts.orphans} of the ${facts.rows} rows of ${table} have no parent in this run.`,
      facts,
    );
  }
}

/** @throws EtlError STAGE_COUNT. */
export function assertStageCount(table: string, expectedRows: number, rows: number): void {
  if (rows === expectedRows) return;
  throw damaged(
    "STAGE_COUNT",
    `The stage of ${table} holds ${rows} rows, the manifest says ${expectedRows}.`,
    {
      table,
      expectedRows,
      rows,
    },
  );
}

/** @throws EtlError ROWS_AFTER_LOAD: what the transaction leaves is not what the manifest says. */
export function assertRowsAfterLoad(
  table: string,
  expectedRows: number,
  rows: number,
  startOver: string,
): void {
  if (rows === expectedRows) return;
  throw new EtlError({
    kind: "integrity",
    code: "ROWS_AFTER_LOAD",
    message: `${table} would hold ${rows} live rows after the load instead of ${expectedRows}; nothing was changed.`,
    hint: `Something else wrote into it. To start these tables over from the next new run: ${startOver}`,
    details: { table, expectedRows, rows },
  });
}

function damaged(code: string, message: string, details: object): EtlError {
  return new EtlError({
    kind: "integrity",
    code,
    message,
    hint: "The run's files are not what its manifest says: verify the lake, then run again under a new run id.",
    details: { ...details },
  });
}
