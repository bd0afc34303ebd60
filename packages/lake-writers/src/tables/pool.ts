/** Things of which each serves one piece of work at a time. */
export interface Pool<Item> {
  /** Runs the work with the next free one; who asks first, gets it first. */
  use<T>(work: (item: Item) => Promise<T>): Promise<T>;
}

export function pool<Item>(items: readonly Item[]): Pool<Item> {
  const free = [...items];
  const waiting: ((item: Item) => void)[] = [];
  return {
    async use(work) {
      const item =
        free.length > 0 ? free.shift()! : await new Promise<Item>((resolve) => waiting.push(resolve));
      try {
        return await work(item);
      } finally {
        const next = waiting.shift();
        if (next === undefined) free.push(item);
        else next(item);
      }
    },
  };
}

/**
 * Results of work that began together. The first failure stops the rest by `stop`, and is thrown when nothing is under
 * way any more.
 */
export async function allOrFirstFailure<T>(
  work: readonly Promise<T>[],
  stop: (reason: unknown) => void,
): Promise<T[]> {
  for (const each of work) each.catch(stop);
  await Promise.allSettled(work);
  return Promise.all(work);
}
