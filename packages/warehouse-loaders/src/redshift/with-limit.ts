/** What ends a wait. */
export interface Limit {
  readonly milliseconds: number;
  /** From when on no more than `graceMs` is waited. */
  readonly signal?: AbortSignal | undefined;
  readonly graceMs?: number | undefined;
  /** Called when the signal comes. */
  onAbort?(): void;
  /** Called when the wait is over; what it returns is thrown. */
  late(): unknown;
}

/** Waits for work that may never settle. */
export async function withLimit<T>(
  work: Promise<T>,
  { milliseconds, signal, graceMs = 0, onAbort, late }: Limit,
): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(late());
  let timer = setTimeout(giveUp, milliseconds);
  const stop = (): void => {
    clearTimeout(timer);
    onAbort?.();
    if (graceMs > 0) timer = setTimeout(giveUp, Math.min(graceMs, milliseconds));
    else giveUp();
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}
