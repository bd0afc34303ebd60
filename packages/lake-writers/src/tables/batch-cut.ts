import type { RawPart } from "@spacex-etl/contracts";

/** Cuts parts into batches while they come. */
export interface BatchCut {
  /** The batch that the part closes, if it does. */
  add(part: RawPart): readonly RawPart[] | undefined;
  /** The last batch, if a part is left. */
  end(): readonly RawPart[] | undefined;
}

/**
 * A batch closes with the part that reaches `batchBytes`. The parts before it decide alone, so that a rerun on another
 * machine cuts the same batches, and one can be made while later parts are still being read.
 */
export function batchCut(batchBytes: number): BatchCut {
  let open: RawPart[] = [];
  let bytes = 0;
  function close(): readonly RawPart[] | undefined {
    const batch = open;
    open = [];
    bytes = 0;
    return batch.length === 0 ? undefined : batch;
  }
  return {
    add(part) {
      open.push(part);
      bytes += part.contentBytes;
      return bytes >= batchBytes ? close() : undefined;
    },
    end: close,
  };
}

/** All batches of a collection. */
export function batches(parts: readonly RawPart[], batchBytes: number): (readonly RawPart[])[] {
  const cut = batchCut(batchBytes);
  return [...parts.map((part) => cut.add(part)), cut.end()].filter((batch) => batch !== undefined);
}
