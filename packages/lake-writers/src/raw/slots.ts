/** What the collections of one extraction share, so that its memory does not grow with what it reads. */
export interface Slots {
  /** Waits until a closed part may be made ready for the store; call what comes back when it is on its way there. */
  acquire(): Promise<() => void>;
  /** Waits until so many compressed bytes may be on their way to the store; call what comes back when they arrived. */
  acquireUpload(bytes: number): Promise<() => void>;
  /** A buffer for a full part: one that was given back, or a new one. */
  takeBuffer(bytes: number): Buffer;
  /** Returns a buffer of `takeBuffer` when nothing reads it any more; the garbage collector would keep it too long. */
  giveBuffer(buffer: Buffer): void;
}

/** Of compressed parts that are on their way at the same time; a larger one goes alone. */
const UPLOAD_BYTES = 32 * 1024 * 1024;

/**
 * One part at a time is made ready: it is hashed and compressed in less time than the next one takes to be read and
 * checked, and only its buffer is held beside those that are being filled.
 *
 * @param uploads parts on their way to the store, over all collections
 */
export function slots(uploads: number, uploadBytes = UPLOAD_BYTES): Slots {
  const ready = gate(1, Infinity);
  const upload = gate(uploads, uploadBytes);
  const buffers: Buffer[] = [];
  return {
    acquire: () => ready(0),
    acquireUpload: upload,
    takeBuffer(bytes) {
      const spare = buffers.pop();
      return spare?.length === bytes ? spare : Buffer.allocUnsafeSlow(bytes);
    },
    giveBuffer: (buffer) => void buffers.push(buffer),
  };
}

/** Lets at most `most` pass whose bytes together are at most `mostBytes`; who comes first, passes first. */
function gate(most: number, mostBytes: number): (bytes: number) => Promise<() => void> {
  let inside = 0;
  let bytesInside = 0;
  const waiting: { readonly bytes: number; readonly pass: () => void }[] = [];
  const fits = (bytes: number): boolean =>
    inside === 0 || (inside < most && bytesInside + bytes <= mostBytes);
  function enter(bytes: number): void {
    inside++;
    bytesInside += bytes;
  }
  function leave(bytes: number): void {
    inside--;
    bytesInside -= bytes;
    for (let next = waiting[0]; next !== undefined && fits(next.bytes); next = waiting[0]) {
      waiting.shift();
      enter(next.bytes);
      next.pass();
    }
  }
  return async (bytes) => {
    if (waiting.length === 0 && fits(bytes)) enter(bytes);
    else await new Promise<void>((pass) => waiting.push({ bytes, pass }));
    return () => leave(bytes);
  };
}
