import { EtlError } from "@spacex-etl/contracts";
import type { LoadStatement } from "../loader/load-plan.ts";
import { abortError, throwIfAborted } from "../loader/load-run.ts";
import type { LoadContext } from "../loader/loader.ts";
import type { Row, Session } from "../merge/index.ts";
import type { OpenConnection } from "./connection.ts";
import { redshiftError } from "./redshift-error.ts";

/** A session of Redshift: a statement may also have parameters. */
export interface RedshiftSession extends Session {
  write(statement: LoadStatement, values?: readonly unknown[]): Promise<number>;
  /** A statement of the plan, without regard to signal and checkpoint. */
  finishStatement(statement: LoadStatement): Promise<void>;
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

/** Statements on a connection, each a message of its own. */
export function session(
  open: OpenConnection,
  { location, statementTimeoutMs }: SessionSettings,
  { signal, checkpoint }: LoadContext = {},
): RedshiftSession {
  const ask = async (sql: string, values?: readonly unknown[], name?: string): Promise<Answer> => {
    const silence = setTimeout(() => open.cut(), statementTimeoutMs + GIVE_UP_MS);
    try {
      return await (values === undefined ? open.client.query(sql) : open.client.query(sql, [...values]));
    } catch (error) {
      throw redshiftError(error, location, name);
    } finally {
      clearTimeout(silence);
    }
  };
  const stoppable = async (sql: string, values?: readonly unknown[], name?: string): Promise<Answer> => {
    throwIfAborted(signal);
    let force: NodeJS.Timeout | undefined;
    const stop = () => {
      open.cancel();
      force = setTimeout(() => open.cut(), GIVE_UP_MS);
    };
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return await ask(sql, values, name);
    } catch (error) {
      if (signal?.aborted === true) throw abortError(signal);
      throw error;
    } finally {
      clearTimeout(force);
      signal?.removeEventListener("abort", stop);
    }
  };
  const passed = async ({ name }: LoadStatement): Promise<void> => await checkpoint?.(`load.${name}`);
  const execute = async (statement: LoadStatement): Promise<readonly Row[]> => {
    const { rows } = await stoppable(statement.sql, undefined, statement.name);
    await passed(statement);
    return rows;
  };
  return {
    rows: async (sql) => (await stoppable(sql)).rows,
    finish: async (sql) => (await ask(sql)).rows,
    finishStatement: async ({ name, sql }) => void (await ask(sql, undefined, name)),
    execute,
    write: async (statement, values) => {
      const { rowCount } = await stoppable(statement.sql, values, statement.name);
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
