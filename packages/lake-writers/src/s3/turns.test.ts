import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { turns } from "./turns.ts";

test("work goes one after another, and what it brought is not kept", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const inTurn = turns();
  const running: number[] = [];
  const work = async (number: number): Promise<WeakRef<object>> => {
    const brought = await inTurn(async () => {
      running.push(number);
      await new Promise((resolve) => setImmediate(resolve));
      running.push(number);
      return { number };
    }, undefined);
    return new WeakRef(brought);
  };
  const brought = await Promise.all([work(1), work(2), work(3)]);
  expect(running).toEqual([1, 1, 2, 2, 3, 3]);
  await expect
    .poll(() => {
      collect();
      return brought.filter((one) => one.deref() !== undefined).length;
    })
    .toBe(0);
  // Still in use.
  expect(await inTurn(async () => "done", undefined)).toBe("done");
});
