/** Runs work one after another, in the order in which it came; whoever aborts no longer waits. */
export function turns(): <T>(work: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work, signal) => {
    const before = last;
    const mine = orAborted(before, signal).then(work);
    // The next in turn waits for those before an aborted one, too.
    last = Promise.allSettled([before, mine]).then(() => undefined);
    return mine;
  };
}

async function orAborted(waiting: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  await Promise.race([waiting, stopped]).finally(() => signal?.removeEventListener("abort", stop));
}
