import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { retrying } from "./index.ts";

const impatient = {
  deadlineMs: 60,
  maxDelayMs: 1,
  classify: (error: unknown) => ({ error, retry: true, ambiguous: false, reason: "failed" }),
};

test("work that gets further has its deadline from there, work that does not gives up", async () => {
  const lasting = (progress: boolean) =>
    retrying(
      "last",
      async ({ number, renew }) => {
        if (number === 8) return "done";
        await sleep(20);
        if (progress) renew();
        throw new Error("broke off");
      },
      impatient,
    );
  expect(await lasting(true)).toBe("done");
  await expect(lasting(false)).rejects.toThrow("broke off");
});
