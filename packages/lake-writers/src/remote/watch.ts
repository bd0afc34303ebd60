import { MAX_TIMER_MS } from "./times.ts";

/** A request of which no byte came or went for too long. */
export class StalledError extends Error {
  override readonly name: string = "StalledError";
  constructor(stallMs: number) {
    super(`not a byte for ${stallMs} ms`);
  }
}

/** Sees to it that a request ends: by its caller's signal, or because nothing moves any more. */
export interface Watch {
  /** Aborted by the caller's signal, by a stall (with a {@link StalledError}), and by `end`. */
  readonly signal: AbortSignal;
  /** Something moved; time counts from now, also after a `pause`. */
  touch(): void;
  /** Nothing need move until the next `touch`: the consumer is busy. */
  pause(): void;
  /** The work's outcome, or the abort's reason as soon as there is one; the work may then still go on. */
  race<T>(work: Promise<T>): Promise<T>;
  /** Ends what still runs under the signal. */
  end(): void;
}

/** One for all: without a reason each abort would make an exception, with a stack. */
const ENDED = new Error("ended");

/** Watches from now on. Always `end` it. */
export function watch(stallMs: number, outer: AbortSignal | undefined): Watch {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const { signal } = controller;
  const stop = (): void => controller.abort(outer?.reason);
  outer?.addEventListener("abort", stop, { once: true });
  let paused = false;
  const timer = setTimeout(
    () => {
      if (!paused) controller.abort(new StalledError(stallMs));
    },
    Math.min(stallMs, MAX_TIMER_MS),
  );
  return {
    signal,
    touch() {
      paused = false;
      timer.refresh();
    },
    pause() {
      paused = true;
    },
    race: (work) =>
      new Promise((resolve, reject) => {
        const abort = (): void => reject(signal.reason as Error);
        if (signal.aborted) abort();
        signal.addEventListener("abort", abort, { once: true });
        const settled = (): void => signal.removeEventListener("abort", abort);
        work.then(resolve, reject).finally(settled);
      }),
    end() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", stop);
      controller.abort(ENDED);
    },
  };
}
