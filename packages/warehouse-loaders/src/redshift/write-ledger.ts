import { EtlError } from "@spacex-etl/contracts";
import type { LoadStatement } from "../loader/load-plan.ts";
import type { LoadResult } from "../merge/index.ts";
import type { RedshiftSession } from "./session.ts";
import { MAX_VARCHAR_BYTES } from "./sql/index.ts";

/** Writes the ledger row. Its counts are cast, and a cast of Redshift's cuts without a word: so they are measured before. */
export async function writeLedger(
  session: RedshiftSession,
  statement: LoadStatement,
  { changed, counts }: LoadResult,
): Promise<void> {
  const bytes = Buffer.byteLength(counts);
  if (bytes > MAX_VARCHAR_BYTES)
    throw new EtlError({
      kind: "usage",
      code: "TEXT_UNSUPPORTED",
      message: `The counts of all tables have ${bytes} bytes, but a ledger row of Redshift holds ${MAX_VARCHAR_BYTES}; nothing was changed.`,
      hint: "Load fewer collections in one run.",
    });
  await session.write(statement, [changed, counts]);
}
