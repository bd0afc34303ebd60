/** What the collections of one extraction share, so that its memory does not grow with what it reads. */
export interface Slots {
  /** Waits until a part may go on its way to the store; call what comes back when it has arrived. */
  acquire(): Promise<() => void>;
  /** A buffer for a full part: one that was given back, or a new one. */
  takeBuffer(bytes: number): Buffer;
  /** Returns a buffer of `takeBuffer` when nothing reads it any more; the garbage collector would keep it too long. */
  giveBuffer(buffer: Buffer): void;
}

/** @param count parts that are closed but not yet stored, over all collections */
export function slots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  const buffers: Buffer[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    async acquire() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return release;
    },
    takeBuffer(bytes) {
      const spare = buffers.pop();
      return spare?.length === bytes ? spare : Buffer.allocUnsafeSlow(bytes);
    },
    giveBuffer: (buffer) => void buffers.push(buffer),
  };
}
