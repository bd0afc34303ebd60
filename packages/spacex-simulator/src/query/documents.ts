import { idOf, type RecordList } from "../data/index.ts";
import { isPlainObject } from "./query-error.ts";

/** A parsed record with the `_id` that filters and sorts go by. */
export type StoredDocument = Readonly<Record<string, unknown>>;

/** Lists up to this length are parsed once and kept; longer ones record by record, each time. */
const KEPT = 5_000;

const parsed = new WeakMap<RecordList, (StoredDocument | undefined)[]>();

/** The record at a position, as an object of its own fields. */
export function parsedRecord(list: RecordList, index: number): StoredDocument {
  const value: unknown = JSON.parse(Buffer.from(list.record(index)).toString());
  return isPlainObject(value) ? value : {};
}

/** The record at a position as the database would hold it: with `_id`, without the computed `id`. */
export function storedDocument(list: RecordList, index: number): StoredDocument {
  if (list.length > KEPT) return withStoredId(parsedRecord(list, index));
  let kept = parsed.get(list);
  if (kept === undefined) {
    kept = [];
    parsed.set(list, kept);
  }
  return (kept[index] ??= withStoredId(parsedRecord(list, index)));
}

function withStoredId(record: StoredDocument): StoredDocument {
  const { id: _, ...fields } = record;
  return { _id: idOf(record), ...fields };
}
