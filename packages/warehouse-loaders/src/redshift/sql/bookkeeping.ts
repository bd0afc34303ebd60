import { type BookkeepingTable, LEDGER, REGISTRY, TRANSFORMS } from "../../planning/index.ts";

/**
 * Locked by every load before it reads anything in its transaction: Redshift takes a transaction's snapshot at its first
 * query, so that one taken behind the lock sees all that was committed before it.
 *
 * @see https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
 */
export const LOCK: BookkeepingTable = {
  name: "_lock",
  columns: [{ name: "id", type: "int64", nullable: true, required: false }],
};

/** All tables of the loader's own. */
export const BOOKKEEPING: readonly BookkeepingTable[] = [LEDGER, REGISTRY, TRANSFORMS, LOCK];
