import type { ChunkMemory } from "./chunk-memory.ts";
import { digestOf, sha1Of } from "./digest.ts";
import { idOf, type RecordList } from "./record-list.ts";

/** A list that is loaded when something of it is first asked for. */
export function listOnDemand(load: () => RecordList): RecordList {
  let loaded: RecordList | undefined;
  const list = (): RecordList => (loaded ??= load());
  return {
    get length() {
      return list().length;
    },
    get bytes() {
      return list().bytes;
    },
    get digest() {
      return list().digest;
    },
    get exact() {
      return list().exact;
    },
    get idsAscend() {
      return list().idsAscend;
    },
    get upcomingFrom() {
      return list().upcomingFrom;
    },
    record: (index) => list().record(index),
    indexOf: (id) => list().indexOf(id),
    chunks: (start, end, memory) => list().chunks(start, end, memory),
  };
}

/** A list that is made of another one while it is read. Its size and digest are known once all of it was made. */
export function derivedList(
  list: RecordList,
  change: (record: Uint8Array) => Uint8Array,
  label: string,
): RecordList {
  function* chunks(start: number, end: number): Iterable<Uint8Array> {
    for (let index = start; index < end; index++) {
      if (index > start) yield Buffer.from(",");
      yield change(list.record(index));
    }
  }
  const measured = list.exact ? measuredOnce(() => chunks(0, list.length)) : undefined;
  return {
    length: list.length,
    exact: list.exact,
    get bytes() {
      return measured?.().bytes ?? list.bytes;
    },
    get digest() {
      return measured?.().digest ?? digestOf([Buffer.from(`${label} ${list.digest}`)]);
    },
    idsAscend: list.idsAscend,
    upcomingFrom: list.upcomingFrom,
    record: (index) => change(list.record(index)),
    indexOf: (id) => list.indexOf(id),
    chunks,
  };
}

function measuredOnce(
  pieces: () => Iterable<Uint8Array>,
): () => { readonly bytes: number; readonly digest: string } {
  let known: { readonly bytes: number; readonly digest: string } | undefined;
  return () => {
    if (known !== undefined) return known;
    let bytes = 0;
    const counted = function* (): Iterable<Uint8Array> {
      for (const piece of pieces()) {
        bytes += piece.length;
        yield piece;
      }
    };
    const digest = digestOf(counted());
    return (known = { bytes, digest });
  };
}

/** A part of a list, and at most one more record after it, without copying. */
export function viewOf(list: RecordList, start: number, end: number, extra?: Uint8Array): RecordList {
  const own = end - start;
  const share = list.length === 0 ? 0 : Math.round((list.bytes * own) / list.length);
  const extraId = extra === undefined ? undefined : idOf(JSON.parse(Buffer.from(extra).toString()));
  function* chunks(from: number, to: number, memory?: ChunkMemory): Iterable<Uint8Array> {
    yield* list.chunks(start + from, start + Math.min(to, own), memory);
    if (extra !== undefined && to > own) {
      if (from < own) yield Buffer.from(",");
      yield extra;
    }
  }
  const length = own + (extra === undefined ? 0 : 1);
  const measured = list.exact ? measuredOnce(() => chunks(0, length)) : undefined;
  return {
    length,
    exact: list.exact,
    get bytes() {
      return measured?.().bytes ?? share + (extra?.length ?? 0);
    },
    get digest() {
      if (measured !== undefined) return measured().digest;
      return digestOf([Buffer.from(`${list.digest} ${start} ${end} `), extra ?? Buffer.alloc(0)]);
    },
    idsAscend: list.idsAscend && extra === undefined,
    upcomingFrom:
      list.upcomingFrom === undefined || extra !== undefined
        ? undefined
        : Math.min(Math.max(list.upcomingFrom - start, 0), own),
    record: (index) => (index === own && extra !== undefined ? extra : list.record(start + index)),
    indexOf(id) {
      if (id === extraId) return own;
      const index = list.indexOf(id);
      return index >= start && index < end ? index - start : -1;
    },
    chunks,
  };
}

/** The same records, with the bytes of the whole answer where those hold more. */
export function withBody(list: RecordList, body: Uint8Array, single: boolean): RecordList {
  const plain = single ? (list.record(0)?.length ?? 0) : list.bytes + 2;
  return plain === body.length ? list : { ...list, digest: sha1Of([body]), body };
}
