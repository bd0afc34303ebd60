import type { Kind } from "./recognise.ts";

/** One statement that reached the endpoint, in order of arrival. */
export interface StatementRecord {
  readonly sql: string;
  /** Counts connections from 1. */
  readonly session: number;
  readonly kind: Kind | "refused";
  /** `reset`: a fault cut or silenced the connection before or after it was executed. `lost`: the client went away meanwhile. */
  readonly outcome: "running" | "done" | "failed" | "refused" | "reset" | "lost";
}

/** Something that goes wrong once, or `times` times. */
export interface Fault {
  /** Looked for in the statement as it was sent. */
  readonly match: RegExp;
  /** Before: the server never sees it. After: it has done it, and the client does not hear of it. */
  readonly when: "before" | "after";
  /**
   * The connection is reset; or nothing more is heard on it, also when a cancel comes; or an error with an SQLSTATE is
   * raised on the server, so that a transaction is aborted.
   */
  readonly effect: "reset" | "silence" | { readonly code: string; readonly message: string };
  /** Matching statements that are let through first. Default 0. */
  readonly skip?: number;
  /** Default 1. */
  readonly times?: number;
}

/**
 * Awaited around each statement, so that a test can order sessions or end a client there. `after`: it was executed, and the
 * client has not heard of it. The statement is as it was sent; sessions count connections from 1.
 */
export interface StatementHooks {
  before: ((sql: string, session: number) => Promise<void>) | null;
  after: ((sql: string, session: number) => Promise<void>) | null;
}

export type Controls = ReturnType<typeof makeControls>;

/** The log of statements, the faults and the hooks of one stand-in. */
export function makeControls() {
  const records: { -readonly [Key in keyof StatementRecord]: StatementRecord[Key] }[] = [];
  const faults: { readonly fault: Fault; skip: number; times: number }[] = [];
  const hooks: StatementHooks = { before: null, after: null };
  return {
    hooks,
    statements: (): readonly StatementRecord[] => records.map((record) => ({ ...record })),
    forget: (): void => {
      records.length = 0;
    },
    inject: (fault: Fault): void => {
      faults.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
    },
    /** Notes a statement; the answer is told its outcome, once. */
    begin: (sql: string, session: number, kind: StatementRecord["kind"]) => {
      const record: (typeof records)[number] = { sql, session, kind, outcome: "running" };
      records.push(record);
      return (outcome: StatementRecord["outcome"]): void => {
        record.outcome = outcome;
      };
    },
    /** The fault that is due for a statement, which is used up. */
    due: (sql: string): Fault | undefined => {
      for (const entry of faults) {
        if (entry.times === 0 || sql.search(entry.fault.match) === -1) continue;
        if (entry.skip > 0) {
          entry.skip--;
          continue;
        }
        entry.times--;
        return entry.fault;
      }
      return undefined;
    },
  };
}
