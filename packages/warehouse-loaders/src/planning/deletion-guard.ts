import { EtlError } from "@spacex-etl/contracts";

/** A load may delete this share of a collection's live rows … */
export const MAX_DELETED_SHARE = 0.2;
/** … or this many, whichever is more. */
export const MAX_DELETED_ROWS = 5;

/**
 * Refuses a load that looks like a broken source: a collection that comes back empty, or from which more than 20 % and
 * more than 5 of the live rows would vanish.
 *
 * @param vanishing Live rows that are neither in the run nor among its quarantined keys.
 * @throws EtlError DELETES_REFUSED, kind `data` (exit 7).
 */
export function assertDeletionsAllowed(deletions: {
  readonly collection: string;
  /** Records that the run found: rows and kept quarantined keys. */
  readonly rows: number;
  readonly liveRows: number;
  readonly vanishing: number;
  readonly allowDeletes: boolean | undefined;
}): void {
  const { collection, rows, liveRows, vanishing } = deletions;
  if (deletions.allowDeletes === true || vanishing === 0) return;
  const empty = rows === 0;
  if (!empty && !(vanishing > MAX_DELETED_ROWS && vanishing > liveRows * MAX_DELETED_SHARE)) return;
  throw new EtlError({
    kind: "data",
    code: "DELETES_REFUSED",
    message: empty
      ? `Collection ${collection} came back empty; ${vanishing} of its ${liveRows} live rows would be deleted.`
      : `${vanishing} of the ${liveRows} live rows of collection ${collection} would be deleted; the run has ${rows}.`,
    hint: "Look at the source. If the records are really gone, run again with --allow-deletes.",
    details: { collection, rows, liveRows, vanishing },
  });
}
