import type { LoadStatement } from "../loader/load-plan.ts";

/** A row of an answer. 64-bit integers may be numbers or decimal text. */
export type Row = Readonly<Record<string, unknown>>;

/** Statements on one connection, with the engine's errors translated and the caller's signal and checkpoint honoured. */
export interface Session {
  rows(sql: string): Promise<readonly Row[]>;
  /**
   * Without regard to the signal: what must happen even when the caller gives up.
   *
   * @param limitMs Longest wait, where an engine may never answer. @default as for any statement
   */
  finish(sql: string, limitMs?: number): Promise<readonly Row[]>;
  /** Executes a statement of the plan, then its checkpoint. Returns its rows. */
  execute(statement: LoadStatement): Promise<readonly Row[]>;
  /** Executes an INSERT, UPDATE or DELETE of the plan, then its checkpoint. Returns the number of rows it touched. */
  write(statement: LoadStatement): Promise<number>;
  /**
   * Executes statements of the plan whose rows nobody needs, and their checkpoints; an engine may send them as one text,
   * so that a signal may be obeyed only when all are done.
   */
  executeAll(statements: readonly LoadStatement[]): Promise<void>;
}

/** A count in a column. */
export function count(row: Row | undefined, column: string): number {
  const value = Number(row?.[column] ?? Number.NaN);
  if (!Number.isSafeInteger(value))
    throw new TypeError(`The warehouse returned no count in column ${column}.`);
  return value;
}

/** Text, or null. */
export function text(row: Row | undefined, column: string): string | null {
  const value = row?.[column];
  return value === null || value === undefined ? null : String(value);
}
