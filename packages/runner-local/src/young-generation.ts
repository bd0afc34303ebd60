import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Four times what V8 starts with. */
const GROWTH = 4;
/** About 256 KiB are allocated in a step; a few times the first size make it grow. */
const MAX_STEPS = 64;
const ARRAYS_PER_STEP = 256;
const ARRAY_LENGTH = 128;

/**
 * Gives V8's space for new objects 4 MiB a half and holds it there. Left alone it grows to 16 MiB or more, and records
 * that are parsed, checked and dropped fill whatever it has: about a quarter of the peak memory of a million records.
 * Kept at its first size of 1 MiB, a large extraction spends a tenth of its time on emptying it. Nothing but a flag on
 * Node's command line sets the size, so it is made to grow once, which takes about 4 ms, and then never again.
 *
 * One thread empties it: for so little, more threads cost more than they bring.
 */
export function boundYoungGeneration(): void {
  setFlagsFromString("--no-parallel-scavenge");
  setFlagsFromString(`--semi-space-growth-factor=${GROWTH}`);
  const first = newSpaceBytes();
  const surviving: number[][] = [];
  for (let step = 0; step < MAX_STEPS && newSpaceBytes() === first; step++)
    for (let array = 0; array < ARRAYS_PER_STEP; array++) surviving.push(FILLING.slice());
  setFlagsFromString("--semi-space-growth-factor=1");
}

const FILLING: readonly number[] = Array.from({ length: ARRAY_LENGTH }, (_, index) => index);

/** Of one half; the size that the statistics give is that of both, as far as they are in use. */
function newSpaceBytes(): number {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  return space === undefined ? 0 : space.space_used_size + space.space_available_size;
}
