import type { TransformState } from "../loader/loader.ts";
import { LEDGER, TRANSFORMS } from "../planning/index.ts";
import type { MergeSql } from "./merge-sql.ts";
import { type Session, text } from "./session.ts";

/** What the ledger says of loads and transforms; nothing of a warehouse that has none yet. */
export async function readTransformState(
  session: Session | undefined,
  sql: Pick<MergeSql, "readCatalog" | "readChangedAt" | "readLastTransform">,
): Promise<TransformState> {
  if (session === undefined) return { changedAt: null, last: null };
  const catalog = await session.rows(sql.readCatalog([LEDGER.name, TRANSFORMS.name]));
  const present = new Set(catalog.map((row) => text(row, "table_name")));
  const [ledger] = present.has(LEDGER.name) ? await session.rows(sql.readChangedAt()) : [];
  const [last] = present.has(TRANSFORMS.name) ? await session.rows(sql.readLastTransform()) : [];
  return {
    changedAt: text(ledger, "changed_at"),
    last:
      last === undefined
        ? null
        : {
            projectSha256: String(last["project_sha256"]),
            changedAt: text(last, "changed_at"),
            finishedAt: String(last["finished_at"]),
          },
  };
}
