/** Bytes that a list is cut into for sending. */
export const CHUNK_BYTES = 64 * 1024;

/** Memory for the pieces of one body, used again once they have been sent. */
export interface ChunkMemory {
  /** A buffer of `CHUNK_BYTES` with arbitrary content. */
  lend(): Uint8Array;
  /** Whoever sends says that nothing lent so far is read any more. */
  reclaim(): void;
}

export function createChunkMemory(): ChunkMemory {
  let lent: Uint8Array[] = [];
  let free: Uint8Array[] = [];
  return {
    lend() {
      const buffer = free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
      lent.push(buffer);
      return buffer;
    },
    reclaim() {
      free = free.concat(lent);
      lent = [];
    },
  };
}
