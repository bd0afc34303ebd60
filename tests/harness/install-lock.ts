import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stopChildren, watchChildren } from "../../scripts/bootstrap/command.mjs";
import { describe, failureOf } from "../../scripts/bootstrap/failure.mjs";
import { takeLock } from "../../scripts/bootstrap/lock.mjs";

/**
 * Installs what a suite needs: one process at a time in a clone, the others wait and then find it done.
 *
 * @param folder Where it is installed; made here.
 * @param what For messages: `the servers`.
 * @param say Hears of waiting.
 * @throws Error whose message says what is missing and what to do.
 */
export async function withInstallLock<T>(
  folder: string,
  what: string,
  say: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  try {
    mkdirSync(folder, { recursive: true });
    let lost = false;
    const lock = await takeLock(join(folder, "lock"), {
      onWait: (pid) => say(`Waiting for the process that installs ${what} (${pid}) …`),
      onLost: () => {
        lost = true;
        void stopChildren();
      },
    });
    watchChildren(lock.note);
    try {
      const result = await work();
      if (!lost) return result;
    } finally {
      lock.release();
    }
    throw new Error(`Another process took over installing ${what} while this one was suspended: try again.`);
  } catch (error) {
    const known = failureOf(error);
    throw known === undefined ? error : new Error(describe(known), { cause: error });
  }
}
