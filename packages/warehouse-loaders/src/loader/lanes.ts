import { throwIfAborted } from "./load-run.ts";

/** As many files at once as Node has threads for them. */
const LANES = 4;

/**
 * Does the work for every item, a few at once, and waits for what has begun. After a failure nothing new begins; of
 * several the one of the first item is thrown, so that the same damage always gives the same error.
 */
export async function inLanes<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal | undefined,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const errors = new Map<number, unknown>();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length && errors.size === 0) {
      const index = next++;
      try {
        throwIfAborted(signal);
        results[index] = await work(items[index]!);
      } catch (error) {
        errors.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, items.length) }, lane));
  if (errors.size > 0) throw errors.get(Math.min(...errors.keys()));
  return results;
}
