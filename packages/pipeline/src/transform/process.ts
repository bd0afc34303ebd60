import { type ChildProcess, spawn } from "node:child_process";
import { EtlError } from "@spacex-etl/contracts";

/** Of what dbt prints, the end is kept for an error message; all of it is in dbt's own log. */
const TAIL_CHARACTERS = 4000;
/** dbt gets this long to cancel its queries; schedulers kill us 10 s after they asked. */
const STOP_MS = 5000;

export interface Invocation {
  readonly executable: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Over the environment of this process; undefined takes a variable out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal | undefined;
}

export interface Ended {
  /** Null if a signal ended it that we did not send. */
  readonly code: number | null;
  readonly endedBy: NodeJS.Signals | null;
  /** The last of what it printed. */
  readonly tail: string;
}

/**
 * Runs a program and all that it starts as one group, which never outlives this process unless that is killed itself.
 *
 * @throws EtlError of kind `usage` if it cannot be started; the signal's reason if that is aborted.
 */
export async function runProgram({ executable, args, cwd, env, signal }: Invocation): Promise<Ended> {
  signal?.throwIfAborted();
  const child = spawn(executable, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that a stop reaches all that it started and a Ctrl-C is handled once, by us.
    detached: process.platform !== "win32",
  });
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      tail = (tail + text).slice(-TAIL_CHARACTERS);
    });
  }
  let killer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    killGroup(child, "SIGINT");
    killer = setTimeout(() => killGroup(child, "SIGKILL"), STOP_MS);
  };
  // A second signal of an impatient person ends us at once.
  const kill = (): void => killGroup(child, "SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  process.once("exit", kill);
  try {
    const [code, endedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (...ended) => resolve(ended));
    });
    signal?.throwIfAborted();
    return { code, endedBy, tail };
  } catch (cause) {
    signal?.throwIfAborted();
    throw new EtlError({
      kind: "usage",
      code: "DBT_BROKEN",
      message: `${executable} cannot be started: ${(cause as Error).message}`,
      hint: "Its Python may be gone. Install it anew, or leave the transform out with --no-transform.",
      cause,
    });
  } finally {
    clearTimeout(killer);
    signal?.removeEventListener("abort", stop);
    process.off("exit", kill);
  }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (process.platform !== "win32" && child.pid !== undefined) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // It has ended meanwhile.
  }
}
