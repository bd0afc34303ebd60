import { EtlError } from "@spacex-etl/contracts";
import type { LoadStatement } from "../loader/load-plan.ts";
import { abortError, throwIfAborted } from "../loader/load-run.ts";
import type { LoadContext } from "../loader/loader.ts";
import type { Row, Session } from "../merge/index.ts";
import type { OpenConnection } from "./connection.ts";
import { redshiftError, unanswered } from "./redshift-error.ts";
import { withLimit } from "./with-limit.ts";

/** A session of Redshift: a statement may also have parameters. */
export interface RedshiftSession extends Session {
  write(statement: LoadStatement, values?: readonly unknown[]): Promise<number>;
  /** @param done Called when it was executed, before its checkpoint. */
  execute(statement: LoadStatement, done?: () => void): Promise<readonly Row[]>;
}

/** What is true of all statements of a session. */
export interface SessionSettings {
  readonly location: string;
  /** Of the server; it is given a little longer before the connection is cut. */
  readonly statementTimeoutMs: number;
}

interface Answer {
  readonly rows: readonly Row[];
  readonly rowCount: number | null;
}

/** How long the server may take to give up a statement before the connection is cut, in milliseconds. */
const GIVE_UP_MS = 5000;

interface Question {
  readonly values?: readonly unknown[] | undefined;
  /** Name of the statement in the plan. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly limitMs?: number | undefined;
}

/** Statements on a connection, each a message of its own. Each is answered, or the connection is cut. */
export function session(
  open: OpenConnection,
  { location, statementTimeoutMs }: SessionSettings,
  { signal, checkpoint }: LoadContext = {},
): RedshiftSession {
  const ask = async (sql: string, question: Question = {}): Promise<Answer> => {
    const { values, name, signal: stop, limitMs = statementTimeoutMs + GIVE_UP_MS } = question;
    throwIfAborted(stop);
    try {
      if (open.gone) throw unanswered(location, limitMs);
      const answer = values === undefined ? open.client.query(sql) : open.client.query(sql, [...values]);
      return await withLimit(answer, {
        milliseconds: limitMs,
        signal: stop,
        graceMs: GIVE_UP_MS,
        onAbort: () => open.cancel(),
        late: () => {
          open.cut();
          return unanswered(location, limitMs);
        },
      });
    } catch (error) {
      if (stop?.aborted === true) throw abortError(stop);
      throw redshiftError(error, location, name);
    }
  };
  const stoppable = (sql: string, question: Question = {}): Promise<Answer> =>
    ask(sql, { ...question, signal });
  const passed = async ({ name }: LoadStatement): Promise<void> => await checkpoint?.(`load.${name}`);
  const execute = async (statement: LoadStatement, done?: () => void): Promise<readonly Row[]> => {
    const { rows } = await stoppable(statement.sql, { name: statement.name });
    done?.();
    await passed(statement);
    return rows;
  };
  return {
    rows: async (sql) => (await stoppable(sql)).rows,
    finish: async (sql, limitMs) => (await ask(sql, { limitMs })).rows,
    execute,
    write: async (statement, values) => {
      const { rowCount } = await stoppable(statement.sql, { name: statement.name, values });
      if (rowCount === null)
        throw new EtlError({
          kind: "destination",
          code: "WAREHOUSE_REFUSED",
          message: `${location} did not say how many rows the statement ${JSON.stringify(statement.name)} touched.`,
          hint: "The client must be one of pg, or count rows as it does.",
          retryable: false,
        });
      await passed(statement);
      return rowCount;
    },
    executeAll: async (statements) => {
      for (const statement of statements) await execute(statement);
    },
  };
}
