import { ApiError, asApiError, invalidQuery } from "./api-error.ts";
import type { TableReference } from "./resources.ts";
import { type DmlStats, runDml } from "./run-dml.ts";
import { runCall } from "./run-call.ts";
import { runDdl } from "./run-ddl.ts";
import { evaluate, expressionOf, referenceOf, type Session, toDuckDb } from "./session.ts";
import { parseDdl } from "./sql/ddl.ts";
import type { Statement } from "./sql/script.ts";
import { isWord, type Token, unexpected } from "./sql/tokens.ts";
import { queryError, select } from "./warehouse.ts";
import type { ResultSet } from "./wire.ts";

/** What one SQL statement did: a child job of its script. */
export interface Outcome {
  readonly text: string;
  readonly statementType: string;
  readonly startTime: number;
  readonly endTime: number;
  /** Null for what is no DML. */
  readonly dml: DmlStats | null;
  readonly result: ResultSet | null;
  /** The table that CREATE TABLE AS SELECT made. */
  readonly destination: TableReference | null;
  readonly error: ApiError | null;
}

export interface ScriptHooks {
  /** Before each statement; rejects when the job is to stop. */
  readonly before: (text: string) => Promise<void>;
  readonly after: (outcome: Outcome) => void;
}

/** Runs a script; a transaction that it leaves open, or that fails, is rolled back. @throws ApiError. */
export async function runScript(
  session: Session,
  statements: readonly Statement[],
  hooks: ScriptHooks,
): Promise<void> {
  try {
    await runAll(session, statements, hooks);
  } finally {
    await endTransaction(session, false);
  }
}

async function runAll(session: Session, statements: readonly Statement[], hooks: ScriptHooks): Promise<void> {
  for (const statement of statements) await run(session, statement, hooks);
}

async function run(session: Session, statement: Statement, hooks: ScriptHooks): Promise<void> {
  switch (statement.kind) {
    case "declare":
      for (const name of statement.names) {
        if (session.variables.has(name.toUpperCase()))
          throw invalidQuery(`Variable '${name}' redeclaration is not allowed`);
        await assign(session, name, statement.type, statement.value);
      }
      return;
    case "set": {
      const variable = session.variables.get(statement.name.toUpperCase());
      if (variable === undefined) throw invalidQuery(`Undeclared variable: ${statement.name}`);
      await assign(session, statement.name, variable.type, statement.value);
      return;
    }
    case "if":
      for (const { condition, body } of statement.branches) {
        if ((await evaluate(session, condition, "BOOL")).value === "true")
          return runAll(session, body, hooks);
      }
      return runAll(session, statement.otherwise, hooks);
    case "block":
      return block(session, statement, hooks);
    case "raise": {
      if (statement.message === null) {
        if (session.errorMessage === null)
          throw invalidQuery("Cannot re-raise outside of an exception handler");
        throw invalidQuery(session.errorMessage);
      }
      throw invalidQuery((await evaluate(session, statement.message, "STRING")).value ?? "");
    }
    case "begin":
    case "commit":
    case "rollback":
      return recorded(session, statement.kind.toUpperCase(), hooks, async () => {
        await control(session, statement.kind);
        return { statementType: `${statement.kind.toUpperCase()}_TRANSACTION` };
      });
    case "assert":
      return recorded(session, `ASSERT ${textOf(statement.condition)}`, hooks, async () => {
        const { value } = await evaluate(session, statement.condition, "BOOL");
        if (value !== "true") throw invalidQuery(statement.message);
        return { statementType: "ASSERT" };
      });
    case "sql":
      return recorded(session, textOf(statement.tokens), hooks, () => sql(session, statement.tokens));
  }
}

interface Done {
  readonly statementType: string;
  readonly dml?: DmlStats | null;
  readonly result?: ResultSet;
  readonly destination?: TableReference | null;
}

async function recorded(
  session: Session,
  text: string,
  hooks: ScriptHooks,
  work: () => Promise<Done>,
): Promise<void> {
  await hooks.before(text);
  const startTime = session.warehouse.now();
  const base = { text, startTime, dml: null, result: null, destination: null, error: null };
  try {
    const done = await work();
    hooks.after({ ...base, ...done, endTime: session.warehouse.now() });
  } catch (failure) {
    const error = asApiError(failure);
    hooks.after({ ...base, statementType: text.split(" ")[0]!, endTime: session.warehouse.now(), error });
    throw error;
  }
}

async function sql(session: Session, tokens: readonly Token[]): Promise<Done> {
  const [first] = tokens;
  if (isWord(first, "SELECT", "WITH")) {
    return { statementType: "SELECT", result: await select(session.connection, toDuckDb(session, tokens)) };
  }
  if (isWord(first, "INSERT", "UPDATE", "DELETE", "MERGE")) {
    const dml = await runDml(session, tokens);
    session.rowCount = dml.inserted + dml.updated + dml.deleted;
    return { statementType: first!.value, dml };
  }
  if (isWord(first, "CALL")) {
    runCall(session, tokens);
    return { statementType: "CALL" };
  }
  if (!isWord(first, "CREATE", "ALTER", "DROP", "TRUNCATE"))
    throw unexpected(first, "a statement that this double knows");
  const ddl = parseDdl(tokens);
  const deleted = await runDdl(session, ddl);
  if (ddl.kind === "create schema") return { statementType: "CREATE_SCHEMA" };
  const selected = ddl.kind === "create" && ddl.query !== null;
  return {
    statementType: `${first!.value}_${"of" in ddl ? ddl.of : "TABLE"}${selected ? "_AS_SELECT" : ""}`,
    destination: selected ? referenceOf(session, ddl.path) : null,
    dml: deleted === null ? null : { inserted: 0, updated: 0, deleted },
  };
}

async function assign(
  session: Session,
  name: string,
  type: string | null,
  tokens: Token[] | null,
): Promise<void> {
  const found = tokens === null ? { type: type!, value: null } : await evaluate(session, tokens, type);
  const value = expressionOf(found.type, found.value);
  session.variables.set(name.toUpperCase(), { type: found.type, value });
}

async function block(
  session: Session,
  { body, handler }: Extract<Statement, { kind: "block" }>,
  hooks: ScriptHooks,
): Promise<void> {
  try {
    await runAll(session, body, hooks);
  } catch (failure) {
    const error = asApiError(failure);
    if (handler === null || error.reason === "stopped") throw error;
    session.errorMessage = error.message;
    await runAll(session, handler, hooks);
    session.errorMessage = null;
  }
}

async function control(session: Session, kind: "begin" | "commit" | "rollback"): Promise<void> {
  if (kind !== "begin") {
    if (session.transaction === null) throw invalidQuery(`Cannot ${kind} without an active transaction`);
    return endTransaction(session, kind === "commit");
  }
  if (session.transaction !== null)
    throw invalidQuery("Transaction is already active: nested transactions are not supported");
  await session.connection.run("BEGIN TRANSACTION");
  const nowMicros = BigInt(session.warehouse.now()) * 1_000n;
  session.transaction = { handle: session.transactions.begin(), nowMicros };
}

async function endTransaction(session: Session, commit: boolean): Promise<void> {
  const { transaction } = session;
  if (transaction === null) return;
  session.transaction = null;
  let committed = false;
  try {
    await session.connection.run(commit ? "COMMIT" : "ROLLBACK");
    committed = commit;
  } catch (error) {
    throw queryError(error);
  } finally {
    session.transactions.end(transaction.handle, committed);
  }
}

const textOf = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join(" ");
