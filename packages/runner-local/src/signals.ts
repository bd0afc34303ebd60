import { EtlError } from "@spacex-etl/contracts/errors";

/** The same signal this soon again is one request that came on two ways: from the process group and from a parent. */
const REPEAT_MS = 500;

/** Schedulers kill 10 s after they asked; the process is gone before. */
const HARD_EXIT_MS = 7_500;

type SignalName = "SIGINT" | "SIGTERM" | "SIGHUP";

export interface SignalOptions {
  /** The first signal came: the work is being stopped. */
  readonly onStop: (signal: SignalName) => void;
  /** The process ends now, whatever is going on. */
  readonly beforeExit: () => void;
  /** Milliseconds that the work has after the first signal; by default 7,500. */
  readonly hardExitMs?: number | undefined;
}

export interface Signals extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * The first SIGINT, SIGTERM or SIGHUP aborts, a second one ends the process at once; so does time, when the work does not
 * stop in 7.5 s. The exit code is the first signal's. A hang-up is a terminal that was closed, and counts as SIGTERM.
 */
export function listenForSignals(options: SignalOptions): Signals {
  const controller = new AbortController();
  let first: { readonly name: SignalName; readonly at: number } | undefined;
  const handle = (name: SignalName): void => {
    const exit = (): void => {
      options.beforeExit();
      process.exit();
    };
    if (first !== undefined) {
      if (name !== first.name || performance.now() - first.at > REPEAT_MS) exit();
      return;
    }
    first = { name, at: performance.now() };
    const reason = reasonOf(name);
    process.exitCode = reason.exitCode;
    setTimeout(exit, options.hardExitMs ?? HARD_EXIT_MS).unref();
    controller.abort(reason);
    options.onStop(name);
  };
  const names: readonly SignalName[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const name of names) process.on(name, handle);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of names) process.off(name, handle);
    },
  };
}

function reasonOf(name: SignalName): EtlError {
  const interrupted = name === "SIGINT";
  return new EtlError({
    kind: interrupted ? "interrupted" : "terminated",
    code: interrupted ? "INTERRUPTED" : "TERMINATED",
    message: `Stopped by ${name}.`,
    hint: "What is complete is kept; the same run id continues.",
  });
}
