import { expect, test } from "vitest";
import { bucketPath, type FailedAttempt, retrying, retryPause, type StoreRetry } from "./index.ts";

const failed =
  (more: Partial<FailedAttempt> = {}) =>
  (error: unknown): FailedAttempt => ({
    error,
    retry: true,
    ambiguous: false,
    reason: "why",
    ...more,
  });

test("tries until it works, and says what it tries again", async () => {
  const retries: StoreRetry[] = [];
  const result = await retrying(
    "read x",
    async ({ number, ambiguous }) => {
      if (number < 3) throw new Error(`attempt ${number}`);
      return { number, ambiguous };
    },
    {
      deadlineMs: 10_000,
      baseDelayMs: 1,
      classify: failed({ ambiguous: true }),
      onRetry: (retry) => retries.push(retry),
    },
  );
  expect(result).toEqual({ number: 3, ambiguous: true });
  expect(retries).toMatchObject([
    { what: "read x", attempt: 1, reason: "why" },
    { what: "read x", attempt: 2, reason: "why" },
  ]);
});

test("what cannot work is not tried again", async () => {
  let attempts = 0;
  const work = async (): Promise<never> => {
    attempts++;
    throw new Error("no");
  };
  await expect(
    retrying("x", work, { deadlineMs: 10_000, classify: failed({ retry: false }) }),
  ).rejects.toThrow("no");
  expect(attempts).toBe(1);
  // Nor is what may begin only after the deadline.
  await expect(
    retrying("x", work, { deadlineMs: 1000, classify: failed({ afterMs: 5000 }) }),
  ).rejects.toThrow("no");
  expect(attempts).toBe(2);
});

test("an abort ends the pause", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped by the test");
  const trying = retrying("x", () => Promise.reject(new Error("no")), {
    deadlineMs: 600_000,
    baseDelayMs: 60_000,
    maxDelayMs: 60_000,
    signal: controller.signal,
    classify: failed(),
    onRetry: () => setImmediate(() => controller.abort(reason)),
  });
  await expect(trying).rejects.toBe(reason);
});

test("pauses grow up to a limit", () => {
  for (let attempt = 1; attempt < 40; attempt++) {
    const full = Math.min(10_000, 200 * 2 ** (attempt - 1));
    expect(retryPause(attempt)).toBeGreaterThanOrEqual(full / 2);
    expect(retryPause(attempt)).toBeLessThanOrEqual(full);
  }
});

test("keys and names of objects belong to each other", () => {
  const path = bucketPath("/a/b/");
  expect(path.prefix).toBe("a/b");
  expect(path.nameOf("c/d")).toBe("a/b/c/d");
  expect(path.nameOfPrefix("")).toBe("a/b/");
  expect(path.keyOf("a/b/c/d")).toBe("c/d");
  expect(bucketPath().nameOf("c")).toBe("c");
  for (const key of ["", "/a", "a/", "a//b", ".", "a/..", "a\0", "ü".repeat(511)])
    expect(() => path.nameOf(key), key).toThrow(expect.objectContaining({ code: "OBJECT_KEY" }));
});
