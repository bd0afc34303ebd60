import { hash } from "node:crypto";

/** Of 32 bits, for one key. */
export const WORDS = 3;
const OBJECT_ID_LENGTH = 24;

/** Each shard grows on its own, so that only a small part of all keys is ever in memory twice. */
export const SHARDS = 64;
/** Slots of a shard at first; each a little larger than the one before, so that they do not all grow at once. */
const FIRST_SLOTS = 32;
const GROWTH = 1.5;
/** Of 16 slots; beyond this share searches become long. */
const FILL = 12;

export interface KeySet {
  readonly size: number;
  /** False if the key was there already. */
  add(key: string): boolean;
  /** As `add` of the ASCII text between `start` and `end`. */
  addBytes(bytes: Uint8Array, start: number, end: number): boolean;
  /** As `add` of a key that `takeShard` gave. */
  addWords(a: number, b: number, c: number): boolean;
  /** Keys in one of the shards. A key is always in the same shard. */
  sizeOf(shard: number): number;
  /** Takes the keys of a shard out of the set and writes them as words; there must be room for all of them. */
  takeShard(shard: number, into: Uint32Array): void;
  /** Gives back the memory of a shard with its keys. */
  dropShard(shard: number): void;
}

interface Shard {
  table: Uint32Array<ArrayBuffer>;
  slots: number;
  used: number;
}

/**
 * A set of record keys that takes 16 to 24 bytes a key, 20 MB for a million. A Mongo ObjectId is its own 96 bits; any
 * other key is stored as 96 bits of its sha256, where two of a billion keys meet with a probability of 10⁻¹¹.
 */
export function keySet(): KeySet {
  const shards = Array.from({ length: SHARDS }, (_, index) =>
    newShard(Math.round(FIRST_SLOTS * GROWTH ** (index / SHARDS))),
  );
  let size = 0;
  // Three zero words mark a free slot, so the one key that is all zeros is kept here.
  let zero = false;

  function addWords(a: number, b: number, c: number): boolean {
    if ((a | b | c) === 0) {
      const added = !zero;
      zero = true;
      if (added) size++;
      return added;
    }
    const mixed = mix(a, b, c);
    const shard = shards[mixed & (SHARDS - 1)] as Shard;
    if (shard.used * 16 >= shard.slots * FILL) grow(shard);
    if (!insert(shard.table, shard.slots, mixed, a, b, c)) return false;
    shard.used++;
    size++;
    return true;
  }

  function addText(key: string): boolean {
    const hex = hash("sha256", key, "hex");
    return addWords(
      Number.parseInt(hex.slice(0, 8), 16) | 0,
      Number.parseInt(hex.slice(8, 16), 16) | 0,
      Number.parseInt(hex.slice(16, 24), 16) | 0,
    );
  }

  const words = new Int32Array(WORDS);
  return {
    get size() {
      return size;
    },
    add(key) {
      if (key.length !== OBJECT_ID_LENGTH) return addText(key);
      let seen = 0;
      for (let word = 0, at = 0; word < WORDS; word++) {
        let value = 0;
        for (let digit = 0; digit < 8; digit++, at++) {
          const nibble = nibbleOf(key.charCodeAt(at));
          seen |= nibble;
          value = (value << 4) | nibble;
        }
        words[word] = value;
      }
      if (seen < 0) return addText(key);
      return addWords(words[0] as number, words[1] as number, words[2] as number);
    },
    addBytes(bytes, start, end) {
      const text = (): string =>
        Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
      if (end - start !== OBJECT_ID_LENGTH) return addText(text());
      let seen = 0;
      for (let word = 0, at = start; word < WORDS; word++) {
        let value = 0;
        for (let digit = 0; digit < 8; digit++, at++) {
          const nibble = nibbleOf(bytes[at] as number);
          seen |= nibble;
          value = (value << 4) | nibble;
        }
        words[word] = value;
      }
      if (seen < 0) return addText(text());
      return addWords(words[0] as number, words[1] as number, words[2] as number);
    },
    addWords: (a, b, c) => addWords(a | 0, b | 0, c | 0),
    sizeOf: (index) => (shards[index] as Shard).used,
    takeShard(index, into) {
      const shard = shards[index] as Shard;
      const { table } = shard;
      let to = 0;
      for (let at = 0; at < table.length; at += WORDS) {
        if (table[at] === 0 && table[at + 1] === 0 && table[at + 2] === 0) continue;
        for (let word = 0; word < WORDS; word++) into[to++] = table[at + word] as number;
      }
      size -= shard.used;
      shard.used = 0;
      table.fill(0);
    },
    dropShard(index) {
      const shard = shards[index] as Shard;
      size -= shard.used;
      const { table } = shard;
      shards[index] = newShard(FIRST_SLOTS);
      table.buffer.transfer(0);
    },
  };
}

function newShard(slots: number): Shard {
  return { table: new Uint32Array(slots * WORDS), slots, used: 0 };
}

/** False if the words are there already. There must be a free slot. */
function insert(table: Uint32Array, slots: number, mixed: number, a: number, b: number, c: number): boolean {
  // The upper bits as a fraction of all slots, because their number need not be a power of two.
  let at = Math.floor((mixed / 2 ** 32) * slots) * WORDS;
  const end = slots * WORDS;
  for (;;) {
    const first = (table[at] as number) | 0;
    const second = (table[at + 1] as number) | 0;
    const third = (table[at + 2] as number) | 0;
    if ((first | second | third) === 0) {
      table[at] = a;
      table[at + 1] = b;
      table[at + 2] = c;
      return true;
    }
    if (first === a && second === b && third === c) return false;
    at += WORDS;
    if (at === end) at = 0;
  }
}

function grow(shard: Shard): void {
  const { table } = shard;
  const slots = Math.ceil(shard.slots * GROWTH);
  const larger = new Uint32Array(slots * WORDS);
  for (let at = 0; at < table.length; at += WORDS) {
    const a = (table[at] as number) | 0;
    const b = (table[at + 1] as number) | 0;
    const c = (table[at + 2] as number) | 0;
    if ((a | b | c) !== 0) insert(larger, slots, mix(a, b, c), a, b, c);
  }
  shard.table = larger;
  shard.slots = slots;
  // Gives the memory back now: the garbage collector does not see how much there is of it.
  table.buffer.transfer(0);
}

/** Of each byte: the value of a lower-case hexadecimal digit, or -1. A look here costs half of two comparisons. */
const NIBBLES = new Int8Array(256).fill(-1);
for (const [value, digit] of [..."0123456789abcdef"].entries()) NIBBLES[digit.charCodeAt(0)] = value;

function nibbleOf(code: number): number {
  return code > 0xff ? -1 : (NIBBLES[code] as number);
}

/** Spreads ids that differ in a few digits only, wherever those are, over all shards (low bits) and slots (high bits). */
function mix(a: number, b: number, c: number): number {
  let mixed = Math.imul(a, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35) ^ Math.imul(c, 0x27d4eb2f);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
