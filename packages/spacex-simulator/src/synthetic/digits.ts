const HEX = Buffer.from("0123456789abcdef");
const ZERO = 0x30;
const SECONDS_PER_DAY = 86_400;

/** A whole number without leading zeros. */
export function writeInteger(target: Uint8Array, start: number, value: number): number {
  let width = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) width++;
  return writePadded(target, start, value, width);
}

/** A whole number in exactly that many digits. */
export function writePadded(target: Uint8Array, start: number, value: number, width: number): number {
  let rest = value;
  for (let at = start + width - 1; at >= start; at--) {
    target[at] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return start + width;
}

export function writeHex(target: Uint8Array, start: number, value: number, digits: number): number {
  let rest = value;
  for (let at = start + digits - 1; at >= start; at--) {
    target[at] = HEX[rest & 15] ?? ZERO;
    rest >>>= 4;
  }
  return start + digits;
}

export function writeBytes(target: Uint8Array, start: number, bytes: Uint8Array): number {
  target.set(bytes, start);
  return start + bytes.length;
}

/** `YYYY-MM-DD` of a second since 1970-01-01 UTC. */
export function writeDate(target: Uint8Array, start: number, second: number): number {
  // Days to a civil date, with years that begin in March so that the leap day comes last.
  const days = Math.floor(second / SECONDS_PER_DAY) + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  let offset = writePadded(target, start, yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4);
  target[offset++] = 0x2d;
  offset = writePadded(target, offset, month, 2);
  target[offset++] = 0x2d;
  return writePadded(target, offset, dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1, 2);
}

/** `YYYY-MM-DDTHH:MM:SS` of a second since 1970-01-01 UTC. */
export function writeDateTime(target: Uint8Array, start: number, second: number): number {
  let offset = writeDate(target, start, second);
  const time = ((second % SECONDS_PER_DAY) + SECONDS_PER_DAY) % SECONDS_PER_DAY;
  target[offset++] = 0x54;
  offset = writePadded(target, offset, Math.floor(time / 3_600), 2);
  target[offset++] = 0x3a;
  offset = writePadded(target, offset, Math.floor(time / 60) % 60, 2);
  target[offset++] = 0x3a;
  return writePadded(target, offset, time % 60, 2);
}
