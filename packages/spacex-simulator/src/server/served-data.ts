import type { Shape } from "../api/index.ts";
import {
  derivedList,
  idOf,
  LAUNCHES_V4,
  memberValue,
  type RecordList,
  recordsFromParts,
  type SimulatorData,
  singleObjects,
  splice,
  viewOf,
} from "../data/index.ts";
import type { ListVariant } from "../faults/index.ts";
import { asVersion4 } from "./launch-shape.ts";

/** The records that a simulator serves at the moment. */
export interface ServedData {
  /**
   * The records of a collection as the API lists them; undefined if there are none.
   *
   * @param read whether the request reads the list, which may make it change (fault `changing`).
   */
  list(name: string, shape: Shape, read: boolean): RecordList | undefined;
  /** Makes version 4 of a stored launch; undefined where records are answered as they are stored. */
  reshape(name: string, shape: Shape): ((record: Uint8Array) => Uint8Array) | undefined;
  replace(name: string, records: RecordList): void;
}

/** The records of launches that are over, and of those that are not. */
export interface LaunchSplit {
  readonly past: RecordList;
  readonly upcoming: RecordList;
}

export function serveData(
  data: SimulatorData,
  variantOf: (name: string, read: boolean) => ListVariant,
): ServedData {
  const collections = new Map(data.collections);
  const variants = new WeakMap<RecordList, Map<ListVariant, RecordList>>();

  const current = (name: string, variant: ListVariant): RecordList | undefined => {
    const list = collections.get(name);
    if (list === undefined || variant === "as-is" || singleObjects.has(name)) return list;
    const known = variants.get(list) ?? new Map<ListVariant, RecordList>();
    variants.set(list, known);
    const made = known.get(variant) ?? changed(list, variant);
    known.set(variant, made);
    return made;
  };

  return {
    list(name, shape, read) {
      const variant = variantOf(name, read);
      if (name !== "launches" || shape === "v5") return current(name, variant);
      const own = current(LAUNCHES_V4, variant);
      if (own !== undefined) return own;
      const version5 = current(name, variant);
      return version5 === undefined ? undefined : version4Of(version5);
    },
    reshape(name, shape) {
      if (name !== "launches" || shape === "v5" || !collections.has(name)) return undefined;
      const own = collections.get(LAUNCHES_V4);
      if (own === undefined) return asVersion4;
      return (record) => {
        const id = idOf(JSON.parse(Buffer.from(record).toString()));
        const index = id === undefined ? -1 : own.indexOf(id);
        return index === -1 ? asVersion4(record) : own.record(index);
      };
    },
    replace(name, records) {
      collections.set(name, records);
      // A recorded version 4 would no longer agree with it.
      if (name === "launches") collections.delete(LAUNCHES_V4);
    },
  };
}

const splits = new WeakMap<RecordList, LaunchSplit>();

/** Splits launches by `upcoming`, each part in the list's order. */
export function splitLaunches(list: RecordList): LaunchSplit {
  const known = splits.get(list);
  if (known !== undefined) return known;
  const split = list.upcomingFrom === undefined ? splitByField(list) : splitAt(list, list.upcomingFrom);
  splits.set(list, split);
  return split;
}

function splitAt(list: RecordList, border: number): LaunchSplit {
  return { past: viewOf(list, 0, border), upcoming: viewOf(list, border, list.length) };
}

function splitByField(list: RecordList): LaunchSplit {
  const past: Uint8Array[] = [];
  const upcoming: Uint8Array[] = [];
  for (let index = 0; index < list.length; index++) {
    const record = list.record(index);
    const launch: unknown = JSON.parse(Buffer.from(record).toString());
    const ahead =
      typeof launch === "object" && launch !== null && "upcoming" in launch && launch.upcoming === true;
    (ahead ? upcoming : past).push(record);
  }
  return { past: recordsFromParts(past), upcoming: recordsFromParts(upcoming) };
}

const EXTRA_ID = "f".repeat(24);

function changed(list: RecordList, variant: ListVariant): RecordList {
  if (list.length === 0) return list;
  if (variant === "one-less") return viewOf(list, 0, list.length - 1);
  const last = list.record(list.length - 1);
  const range = memberValue(last, "id");
  const extra = range === undefined ? last : splice(last, range, Buffer.from(JSON.stringify(EXTRA_ID)));
  return viewOf(list, 0, list.length, extra);
}

const version4Lists = new WeakMap<RecordList, RecordList>();

function version4Of(list: RecordList): RecordList {
  const known = version4Lists.get(list);
  if (known !== undefined) return known;
  const made = derivedList(list, asVersion4, "v4");
  version4Lists.set(list, made);
  return made;
}
