import { expect, test } from "vitest";
import { slots } from "./slots.ts";

/** Which of the waiting have passed by now. */
async function passed(waiting: readonly Promise<unknown>[]): Promise<boolean[]> {
  const states = waiting.map(() => false);
  waiting.forEach((each, index) => void each.then(() => (states[index] = true)));
  await new Promise((resolve) => setImmediate(resolve));
  return states;
}

test("one part at a time is made ready, in their order", async () => {
  const { acquire } = slots(4);
  const asked = [acquire(), acquire(), acquire()] as const;
  expect(await passed(asked)).toEqual([true, false, false]);
  (await asked[0])();
  expect(await passed(asked)).toEqual([true, true, false]);
});

test("uploads are bounded by their number and by their bytes; a large one goes alone", async () => {
  const { acquireUpload } = slots(3, 100);
  const asked = [40, 40, 40, 10, 500, 1].map(acquireUpload);
  expect(await passed(asked)).toEqual([true, true, false, false, false, false]);
  (await asked[0])?.();
  // 40, 40 and 10 are three, and so the next one waits for its number.
  expect(await passed(asked)).toEqual([true, true, true, true, false, false]);
  for (const index of [1, 2]) (await asked[index])?.();
  expect(await passed(asked)).toEqual([true, true, true, true, false, false]);
  (await asked[3])?.();
  expect(await passed(asked)).toEqual([true, true, true, true, true, false]);
  (await asked[4])?.();
  expect(await passed(asked)).toEqual([true, true, true, true, true, true]);
});

test("a full buffer is used again", () => {
  const { takeBuffer, giveBuffer } = slots(1);
  const first = takeBuffer(1000);
  giveBuffer(first);
  expect(takeBuffer(1000)).toBe(first);
  expect(takeBuffer(1000)).not.toBe(first);
});
