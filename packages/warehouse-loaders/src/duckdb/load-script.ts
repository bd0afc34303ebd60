import type { LoadStatement, PlannedCollection, PlannedTable } from "../loader/load-plan.ts";

/** The statements of a load by their part in it. `plan` prints them, `stage` to `apply` execute them: the same text. */
export interface LoadScript {
  readonly stages: readonly LoadStatement[];
  readonly checks: readonly LoadStatement[];
  /** In the transaction, before any data. */
  readonly opening: readonly LoadStatement[];
  readonly assertLedger: LoadStatement;
  readonly countStages: LoadStatement | undefined;
  readonly setLoadTime: LoadStatement;
  readonly collections: readonly CollectionScript[];
  /** In the transaction, after the data. */
  readonly countRows: LoadStatement | undefined;
  readonly registry: readonly LoadStatement[];
  readonly ledger: LoadStatement;
}

export type CollectionScript =
  | {
      readonly kind: "fresh";
      readonly collection: PlannedCollection;
      readonly ddl: readonly LoadStatement[];
      readonly inserts: readonly { readonly table: PlannedTable; readonly insert: LoadStatement }[];
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
    ...script.stages,
    ...script.checks,
    ...script.opening,
    script.assertLedger,
    ...optional(script.countStages),
    script.setLoadTime,
    ...script.collections.flatMap((collection) =>
      collection.kind === "fresh"
        ? [...collection.ddl, ...collection.inserts.map(({ insert }) => insert)]
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
  ];
}

function optional(statement: LoadStatement | undefined): LoadStatement[] {
  return statement === undefined ? [] : [statement];
}
