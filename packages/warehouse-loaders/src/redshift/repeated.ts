import { EtlError } from "@spacex-etl/contracts";
import { setTimeout as sleep } from "node:timers/promises";
import { abortError } from "../loader/load-run.ts";
import { isConflict } from "./redshift-error.ts";

/** How often a transaction is repeated. */
const REPEATS = 5;

/**
 * Repeats a transaction that met another one: what it works on is still true, or it says so itself.
 *
 * @throws EtlError WAREHOUSE_CONFLICT of kind `busy` when that does not end; what else the work throws
 */
export async function repeated<T>(
  work: () => Promise<T>,
  pauseMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let repeat = 0; ; repeat += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (repeat >= REPEATS) throw stillInTheWay(error as EtlError);
    }
    await pause(pauseMs * 2 ** repeat, signal);
  }
}

/** Waits about so long. @throws EtlError LOAD_ABORTED, or the signal's reason */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds * (0.5 + Math.random()), undefined, { signal });
  } catch (error) {
    throw signal?.aborted === true ? abortError(signal) : error;
  }
}

// Not WAREHOUSE_CHANGED: planning anew would copy everything again, and meet the same.
function stillInTheWay({ message, cause }: EtlError): EtlError {
  return new EtlError({
    kind: "busy",
    code: "WAREHOUSE_CONFLICT",
    message: `${message} The transaction was tried ${REPEATS + 1} times.`,
    hint: "Something else than a load writes into the raw tables, or reads them while it writes. Run again with the same run id when it is done; ALTER DATABASE … ISOLATION LEVEL SNAPSHOT has fewer conflicts.",
    cause,
  });
}
