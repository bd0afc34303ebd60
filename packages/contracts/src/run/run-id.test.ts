import { expect, test } from "vitest";
import { isRunId, newRunId, parseRunId, runIdFrom } from "./run-id.ts";

test("new run ids are valid and sort by time", () => {
  const earlier = newRunId(new Date("2026-11-22T04:35:01.250Z"));
  expect(earlier).toMatch(/^20261122t043501z-[0-9a-f]{6}$/);
  expect(isRunId(earlier)).toBe(true);
  expect(earlier < newRunId(new Date("2026-11-22T04:35:02Z"))).toBe(true);
});

test("a scheduler's id maps to one valid run id, and two of them never to the same", () => {
  const id = runIdFrom("scheduled__2026-11-22T00:00:00+00:00");
  expect(id).toBe(runIdFrom("scheduled__2026-11-22T00:00:00+00:00"));
  expect(id).toMatch(/^scheduled-2026-11-22t00-00-00-00-00-[0-9a-f]{8}$/);
  expect(runIdFrom("scheduled__2026-11-22T00:00:00_00:00")).not.toBe(id);
  expect(isRunId(runIdFrom("ü".repeat(300)))).toBe(true);
  expect(isRunId(runIdFrom("A".repeat(300)))).toBe(true);
  expect(runIdFrom("already-valid")).toBe("already-valid");
});

test("an invalid run id is refused with a proposal", () => {
  expect(() => parseRunId("My Run")).toThrow(/not valid/);
  expect(() => parseRunId("../escape")).toThrow(/not valid/);
  expect(parseRunId("r1")).toBe("r1");
});
