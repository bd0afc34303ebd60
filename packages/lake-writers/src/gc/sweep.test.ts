import { expect, test } from "vitest";
import { allKeys, temporaryLake } from "../../test/lake.ts";
import { lakeOfTwoRuns } from "../../test/two-runs.ts";
import { gc, type ObjectStore, type SweepOptions } from "../index.ts";

test("left-overs of unfinished writes are removed and told, but not in a dry run", async () => {
  const store = await temporaryLake();
  const left: string[] = ["old", "young"];
  const swept: Date[] = [];
  const leaving: ObjectStore = {
    ...store,
    async sweep(olderThan) {
      swept.push(olderThan);
      return left.splice(0, 1).length;
    },
  };
  const now = (): Date => new Date(Date.UTC(2026, 0, 2));
  expect(await gc({ store: leaving, now, dryRun: true })).toMatchObject({ swept: 0 });
  expect(swept).toEqual([]);
  expect(await gc({ store: leaving, now })).toMatchObject({ swept: 1 });
  expect(swept).toEqual([new Date(Date.UTC(2026, 0, 1))]);
  const { sweep: _, ...without } = leaving;
  expect(await gc({ store: without })).toMatchObject({ swept: 0 });
});

test("left-overs of others are none of our business, and a sweep that is refused comes before any deletion", async () => {
  const store = await lakeOfTwoRuns();
  const before = await allKeys(store);
  const refusal = new Error("no s3:ListBucketMultipartUploads");
  const swept: (SweepOptions | undefined)[] = [];
  const ours = (key: string): boolean[] => swept.map((options) => options?.isOurs?.(key) ?? true);
  const refusing: ObjectStore = {
    ...store,
    async sweep(_, options) {
      swept.push(options);
      throw refusal;
    },
  };
  await expect(gc({ store: refusing, graceHours: 0, keepRuns: 0 })).rejects.toBe(refusal);
  expect(await allKeys(store)).toEqual(before);
  for (const key of before) expect(ours(key), key).toEqual([true]);
  for (const key of ["videos/launch.mp4", "raw/video.mp4", "raw/shop/orders/run=r1/mine.csv"])
    expect(ours(key), key).toEqual([false]);
});
