/** Node.js takes longer times for 1 ms. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** What is wrong with the times of a store, or undefined. A deadline of 0 is one without retries. */
export function wrongTime(times: {
  readonly deadlineMs: number;
  readonly stallMs: number;
}): string | undefined {
  for (const [name, least] of [
    ["deadlineMs", 0],
    ["stallMs", 1],
  ] as const)
    if (!(times[name] >= least && times[name] <= MAX_TIMER_MS))
      return `${name} must be a number of milliseconds from ${least} to ${MAX_TIMER_MS}`;
  return undefined;
}
