import { createHash } from "node:crypto";

/** A repeatable source of numbers: the same seed text gives the same sequence on every machine. */
export interface Random {
  /** From 0 (inclusive) to 1 (exclusive), with 32 random bits. */
  next(): number;
  /** A whole number from `low` to `high`, both inclusive. */
  integer(low: number, high: number): number;
  /** Between `low` and `high`, rounded to that many decimals. */
  decimal(low: number, high: number, decimals: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  hex(digits: number): string;
}

export function createRandom(seed: string): Random {
  // xorshift128: four 32-bit words, seeded by a hash so that near seeds give unrelated sequences.
  const state = new Uint32Array(4);
  createHash("sha256")
    .update(seed)
    .digest()
    .subarray(0, 16)
    .forEach((byte, index) => {
      state[index >> 2] = ((state[index >> 2] ?? 0) << 8) | byte;
    });
  const word = (): number => {
    const [a = 1, b = 0, c = 0, d = 0] = state;
    let mixed = a ^ (a << 11);
    mixed ^= mixed >>> 8;
    state.set([b, c, d, (d ^ (d >>> 19) ^ mixed) >>> 0]);
    return state[3] ?? 0;
  };
  const next = () => word() / 2 ** 32;
  return {
    next,
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    decimal: (low, high, decimals) => Number((low + next() * (high - low)).toFixed(decimals)),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    hex: (digits) => Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join(""),
  };
}
