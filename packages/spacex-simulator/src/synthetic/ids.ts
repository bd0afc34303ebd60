import { createRandom } from "./random.ts";
import { writeBytes, writeHex } from "./digits.ts";

/** Ids of one generated collection: 24 hex digits that grow with the position, from which the position can be read. */
export interface Ids {
  text(index: number): string;
  write(target: Uint8Array, offset: number, index: number): number;
  /** Position of an id of this collection; -1 for any other text. */
  indexOf(id: string): number;
}

const FIRST_SECOND = 0x5eb8_0000;
const PER_SECOND_BITS = 8;
const ID_DIGITS = 24;

/** Like an ObjectId: second of creation, ten digits of the machine (here seed and collection), a counter of six. */
export function createIds(collection: string, seed: number, length: number): Ids {
  const machine = Buffer.from(createRandom(`ids ${collection} ${seed}`).hex(10));
  const write = (target: Uint8Array, start: number, index: number): number => {
    let offset = writeHex(target, start, FIRST_SECOND + (index >>> PER_SECOND_BITS), 8);
    offset = writeBytes(target, offset, machine);
    return writeHex(target, offset, index, 6);
  };
  const text = (index: number): string => {
    const bytes = Buffer.alloc(ID_DIGITS);
    write(bytes, 0, index);
    return bytes.toString("latin1");
  };
  return {
    text,
    write,
    indexOf(id) {
      const index = Number.parseInt(id.slice(-6), 16);
      return index < length && text(index) === id ? index : -1;
    },
  };
}
