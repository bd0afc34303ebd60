const MICROSECONDS = 1_000_000n;

/**
 * The load's time, ISO 8601 in UTC to the microsecond: the clock, or one microsecond after the newest load where the
 * clock is behind.
 */
export function laterThan(newest: string | null, clock: string): string {
  const now = microseconds(clock);
  const least = newest === null ? now : microseconds(newest) + 1n;
  return instant(now > least ? now : least);
}

function microseconds(text: string): bigint {
  const [, seconds = text, fraction = ""] = /^(.*?)(?:\.(\d{1,6}))?Z$/.exec(text) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

function instant(time: bigint): string {
  const fraction = ((time % MICROSECONDS) + MICROSECONDS) % MICROSECONDS;
  const seconds = new Date(Number((time - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(fraction).padStart(6, "0")}Z`;
}
