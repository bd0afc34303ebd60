import type { LoadStatement, PlannedCollection, PlannedTable } from "../loader/load-plan.ts";

/** The statements of a load by their part in it. `plan` prints them, `stage` to `apply` execute them: the same text. */
export interface LoadScript {
  /** Before anything else, outside of the transaction. */
  readonly prepare: readonly LoadStatement[];
  readonly stages: readonly StageScript[];
  readonly checks: readonly LoadStatement[];
  /** In the transaction, before any data. */
  readonly opening: readonly LoadStatement[];
  readonly assertLedger: LoadStatement;
  readonly countStages: LoadStatement | undefined;
  readonly setLoadTime: LoadStatement | undefined;
  readonly collections: readonly CollectionScript[];
  /** In the transaction, after the data. */
  readonly countRows: LoadStatement | undefined;
  readonly registry: readonly LoadStatement[];
  readonly ledger: LoadStatement;
  /** After the commit, or after a failure. */
  readonly cleanup: readonly LoadStatement[];
}

/** The statements that make the stage of one table. */
export interface StageScript {
  readonly table: PlannedTable;
  readonly statements: readonly LoadStatement[];
}

export type CollectionScript =
  | {
      readonly kind: "fresh";
      readonly collection: PlannedCollection;
      readonly ddl: readonly LoadStatement[];
      readonly inserts: readonly LoadStatement[];
      /** They may be sent as one text. */
      readonly joined: boolean;
    }
  | {
      readonly kind: "merge";
      readonly collection: PlannedCollection;
      readonly ddl: readonly LoadStatement[];
      readonly createChanges: LoadStatement;
      readonly countChanges: LoadStatement;
      readonly deleteOldVersions: LoadStatement;
      readonly insertNewVersions: LoadStatement;
      readonly softDelete: LoadStatement;
      readonly children: readonly ChildScript[];
      readonly dropChanges: LoadStatement;
    };

export interface ChildScript {
  readonly child: PlannedTable;
  readonly countRewritten: LoadStatement;
  readonly countKept: LoadStatement;
  readonly deleteOld: LoadStatement;
  readonly insertNew: LoadStatement;
}

/** All statements in the order in which they are executed, without BEGIN and COMMIT. */
export function statementsOf(script: LoadScript): LoadStatement[] {
  return [
    ...script.prepare,
    ...script.stages.flatMap(({ statements }) => statements),
    ...script.checks,
    ...script.opening,
    script.assertLedger,
    ...optional(script.countStages),
    ...optional(script.setLoadTime),
    ...script.collections.flatMap((collection) =>
      collection.kind === "fresh"
        ? [...collection.ddl, ...collection.inserts]
        : [
            ...collection.ddl,
            collection.createChanges,
            collection.countChanges,
            collection.deleteOldVersions,
            collection.insertNewVersions,
            collection.softDelete,
            ...collection.children.flatMap((child) => [
              child.countKept,
              child.countRewritten,
              child.deleteOld,
              child.insertNew,
            ]),
            collection.dropChanges,
          ],
    ),
    ...optional(script.countRows),
    ...script.registry,
    script.ledger,
    ...script.cleanup,
  ];
}

function optional(statement: LoadStatement | undefined): LoadStatement[] {
  return statement === undefined ? [] : [statement];
}
