import { EtlError } from "@spacex-etl/contracts";
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadRequest } from "../loader/load-request.ts";
import { text } from "../merge/index.ts";
import { isLost } from "./redshift-error.ts";
import type { RedshiftSession } from "./session.ts";
import type { RedshiftSettings } from "./settings.ts";
import { lock, readLedger } from "./sql/index.ts";

/** How often a connection is tried that is to say what became of a COMMIT. */
const ATTEMPTS = 5;
/** The first pause between them, in milliseconds; each is twice as long as the one before. */
const PAUSE_MS = 500;
/** Longest wait for the transaction to end, in milliseconds: a server may hold one whose client is gone for long. */
const WAIT_MS = 60_000;
/** How much longer than the server's own time an answer is waited for, in milliseconds. */
const GRACE_MS = 5000;

/** A new connection, and what ends it. */
export interface Witness {
  readonly open: () => Promise<RedshiftSession>;
  readonly close: () => Promise<void>;
}

/**
 * What became of a COMMIT that nobody answered: a new connection waits behind the lock until the transaction is over, one
 * way or the other, and then reads the ledger. Nothing is done a second time.
 *
 * @param witness Undefined where the connection is the caller's and cannot be replaced.
 * @returns a session that sees the committed load
 * @throws EtlError the failure itself where nothing was committed; COMMIT_UNKNOWN where that cannot be found out
 */
export async function commitOutcome(
  failure: unknown,
  witness: Witness | undefined,
  { schema, statementTimeoutMs }: Pick<RedshiftSettings, "schema" | "statementTimeoutMs">,
  { runId, manifestSha256 }: Pick<LoadRequest, "runId" | "manifestSha256">,
): Promise<RedshiftSession> {
  // Redshift said no: nothing was committed.
  if (!isLost(failure)) throw failure;
  let cause: unknown = failure;
  const attempts = witness === undefined ? [] : Array.from({ length: ATTEMPTS }, () => witness);
  for (const [attempt, { open, close }] of attempts.entries()) {
    if (attempt > 0) await sleep(PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    try {
      const session = await open();
      const ask = (sql: string) => session.finish(sql, WAIT_MS + GRACE_MS);
      await ask(`SET statement_timeout TO ${Math.min(WAIT_MS, statementTimeoutMs)}`);
      await ask("BEGIN TRANSACTION");
      await ask(lock(schema));
      const [ledger] = await ask(readLedger(schema, runId));
      await ask("ROLLBACK");
      await ask(`SET statement_timeout TO ${statementTimeoutMs}`);
      if (text(ledger, "run_manifest") === manifestSha256) return session;
      throw failure;
    } catch (error) {
      // Whatever it is in the middle of, a transaction that holds the lock ends with it.
      await close();
      if (error === failure) throw error;
      cause = error;
      if (!isLost(error)) break;
    }
  }
  throw new EtlError({
    kind: "destination",
    code: "COMMIT_UNKNOWN",
    message: `The connection was lost while run ${runId} was committed; whether it was is not known.`,
    hint: "Run again with the same run id: if it was committed, that is a no-op that says so.",
    cause,
  });
}
