/** A store's answer takes some 10 to 100 ms over a network, so that requests wait for it side by side. */
const AT_ONCE = 16;

/**
 * Does the work for every item, for some at the same time; results are in the items' order. After the first failure
 * nothing more is begun, and it is thrown when what is under way has ended.
 */
export async function manyAtOnce<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  options: { readonly atOnce?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<Result[]> {
  const queue = [...items].entries();
  const results: Result[] = [];
  const failures: unknown[] = [];
  async function worker(): Promise<void> {
    for (const [index, item] of queue) {
      if (failures.length > 0) return;
      try {
        options.signal?.throwIfAborted();
        results[index] = await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: options.atOnce ?? AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
