import { EtlError } from "@spacex-etl/contracts";
import { assertDeletionsAllowed } from "../planning/index.ts";
import type { ChildScript, CollectionScript } from "./load-script.ts";
import { count, type Row, type Session, text } from "./session.ts";

/** What happened to one table. */
export interface MergedTable {
  readonly table: string;
  /** Undeleted rows included. */
  readonly inserted: number;
  readonly updated: number;
  readonly undeleted: number;
  readonly deleted: number;
  /** Live rows that stay though the run does not bring them. */
  readonly kept: number;
}

/**
 * Brings the tables of a collection to the run's state. Statements that have nothing to do are skipped.
 *
 * @throws EtlError DELETES_REFUSED.
 */
export async function mergeCollection(
  session: Session,
  script: CollectionScript,
  allowDeletes: boolean | undefined,
): Promise<MergedTable[]> {
  if (script.kind === "fresh") {
    const all = [...script.ddl, ...script.inserts];
    if (script.joined) await session.executeAll(all);
    else for (const statement of all) await session.execute(statement);
    // Each stage has been counted, and what the tables then hold will be.
    return script.collection.tables.map(({ table, rows }) => ({ ...NOTHING, table, inserted: rows }));
  }

  for (const statement of script.ddl) await session.execute(statement);
  const parent = script.collection.tables[0]!;
  await session.execute(script.createChanges);
  const changes = changeCounts(await session.execute(script.countChanges));
  assertDeletionsAllowed({
    collection: script.collection.name,
    rows: parent.rows + changes.kept,
    liveRows: parent.liveRows,
    vanishing: changes.delete,
    allowDeletes,
  });
  const written = changes.insert + changes.update + changes.undelete;
  if (changes.update + changes.undelete > 0) await session.execute(script.deleteOldVersions);
  if (written > 0) assertWritten(parent.table, written, await session.write(script.insertNewVersions));
  const deleted = changes.delete > 0 ? await session.write(script.softDelete) : 0;
  const result: MergedTable[] = [
    {
      table: parent.table,
      inserted: changes.insert + changes.undelete,
      updated: changes.update,
      undeleted: changes.undelete,
      deleted,
      kept: changes.kept,
    },
  ];
  const anything = written + changes.delete > 0;
  for (const child of script.children) {
    result.push(
      anything || changes.kept > 0 || script.collection.rebuild
        ? await replaceChildren(session, child, changes.kept > 0)
        : { ...NOTHING, table: child.child.table },
    );
  }
  await session.execute(script.dropChanges);
  return result;
}

async function replaceChildren(
  session: Session,
  script: ChildScript,
  anyKept: boolean,
): Promise<MergedTable> {
  const kept = anyKept ? count((await session.execute(script.countKept))[0], "rows") : 0;
  const updated = count((await session.execute(script.countRewritten))[0], "rows");
  const removed = await session.write(script.deleteOld);
  const written = await session.write(script.insertNew);
  return {
    ...NOTHING,
    table: script.child.table,
    inserted: written - updated,
    updated,
    deleted: removed - updated,
    kept,
  };
}

type Action = "insert" | "update" | "undelete" | "delete" | "kept";

function changeCounts(rows: readonly Row[]): Record<Action, number> {
  const counts: Record<Action, number> = { insert: 0, update: 0, undelete: 0, delete: 0, kept: 0 };
  for (const row of rows) counts[text(row, "action") as Action] = count(row, "keys");
  return counts;
}

function assertWritten(table: string, expected: number, rows: number): void {
  if (rows === expected) return;
  throw new EtlError({
    kind: "integrity",
    code: "ROWS_WRITTEN",
    message: `${rows} rows were written into ${table} where ${expected} keys differ; nothing was changed.`,
    hint: "Its key is not unique in the warehouse: something else wrote into it.",
  });
}

const NOTHING = { inserted: 0, updated: 0, undeleted: 0, deleted: 0, kept: 0 };
