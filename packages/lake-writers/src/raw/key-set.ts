import { hash } from "node:crypto";

const WORDS = 3;
const OBJECT_ID = /^[0-9a-f]{24}$/;

export interface KeySet {
  readonly size: number;
  /** False if the key was there already. */
  add(key: string): boolean;
}

/**
 * A set of record keys that takes 24 to 48 bytes a key, 25 MB for a million. A Mongo ObjectId is its own 96 bits; any
 * other key is stored as 96 bits of its sha256, where two of a billion keys meet with a probability of 10⁻¹¹.
 */
export function keySet(): KeySet {
  let capacity = 1024;
  let table = new Uint32Array(capacity * WORDS);
  let size = 0;
  // Three zero words mark a free slot, so the one key that is all zeros is kept here.
  let zero = false;

  function insert(into: Uint32Array, slots: number, a: number, b: number, c: number): boolean {
    for (let slot = mix(a, b, c); ; slot++) {
      const at = (slot & (slots - 1)) * WORDS;
      if (into[at] === 0 && into[at + 1] === 0 && into[at + 2] === 0) {
        into[at] = a;
        into[at + 1] = b;
        into[at + 2] = c;
        return true;
      }
      if (into[at] === a && into[at + 1] === b && into[at + 2] === c) return false;
    }
  }

  function grow(): void {
    const larger = new Uint32Array(table.length * 2);
    for (let at = 0; at < table.length; at += WORDS) {
      const [a, b, c] = [table[at] as number, table[at + 1] as number, table[at + 2] as number];
      if ((a | b | c) !== 0) insert(larger, capacity * 2, a, b, c);
    }
    table = larger;
    capacity *= 2;
  }

  return {
    get size() {
      return size;
    },
    add(key) {
      const hex = OBJECT_ID.test(key) ? key : hash("sha256", key, "hex");
      if (size * 2 >= capacity) grow();
      const a = Number.parseInt(hex.slice(0, 8), 16);
      const b = Number.parseInt(hex.slice(8, 16), 16);
      const c = Number.parseInt(hex.slice(16, 24), 16);
      const added = (a | b | c) === 0 ? !zero : insert(table, capacity, a, b, c);
      if ((a | b | c) === 0) zero = true;
      if (added) size++;
      return added;
    },
  };
}

/** Spreads ids that differ in a few digits only, wherever those are, over all slots. */
function mix(a: number, b: number, c: number): number {
  let mixed = Math.imul(a, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35) ^ Math.imul(c, 0x27d4eb2f);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
