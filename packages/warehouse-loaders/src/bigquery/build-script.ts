import type { LoadPlan, LoadStatement, PlannedCollection, PlannedTable } from "../loader/load-plan.ts";
import { LEDGER, rawColumns, REGISTRY, TRANSFORMS } from "../planning/index.ts";
import { loadConfiguration, stageResource } from "./load-configuration.ts";
import type { LoadScript, StagedTable } from "./load-script.ts";
import { stageTable } from "./names.ts";
import * as sql from "./sql/index.ts";
import { transactionOf } from "./build-transaction.ts";

export interface ScriptSettings {
  readonly raw: sql.RawDataset;
  readonly options: sql.TableOptions;
  readonly partitionBy: Readonly<Record<string, string>>;
  /** Where the dataset is made; undefined where it exists. */
  readonly createIn: string | undefined;
  /** Bookkeeping tables that exist. */
  readonly existing: ReadonlySet<string>;
}

export type PlannedLoad = Pick<LoadPlan, "request" | "collections" | "ledgerLoads" | "plannedAt">;

export function loadScript(plan: PlannedLoad, settings: ScriptSettings): LoadScript {
  const { raw } = settings;
  const loaded = plan.collections.filter((collection) => collection.outcome === "load");
  const stages = loaded.flatMap((collection) => stagesOf(plan, collection, settings));
  const stageOf = new Map(stages.map(({ table, stage }) => [table.table, stage]));
  const compared = loaded.filter(({ fresh }) => !fresh);
  return {
    schema: schemaOf(loaded, settings),
    stages,
    compared,
    reconcile:
      stages.length === 0
        ? undefined
        : {
            name: "check stages",
            phase: "reconcile",
            purpose: "assert",
            table: null,
            sql: sql.checkStages(
              raw,
              stages,
              compared.map((collection) => ({
                collection,
                parentStage: stageOf.get(collection.tables[0]!.table) ?? "",
              })),
            ),
          },
    transaction: transactionOf(plan, raw, stageOf),
    cleanup: stages.map(({ table, stage }) => ({
      name: `drop stage of ${table.table}`,
      phase: "cleanup",
      purpose: "stage",
      table: table.table,
      sql: sql.dropTable(raw, stage),
    })),
  };
}

/** The bookkeeping tables of a dataset, if they are not there. */
export function bookkeepingOf(settings: Omit<ScriptSettings, "partitionBy">): LoadStatement[] {
  const { raw, options, createIn, existing } = settings;
  return [
    ...(createIn === undefined
      ? []
      : [ddl("create dataset", null, sql.createDataset(raw, createIn, options))]),
    ...[LEDGER, REGISTRY, TRANSFORMS]
      .filter(({ name }) => !existing.has(name))
      .map(({ name, columns }) => {
        const table = { name, columns, description: DESCRIPTIONS[name], clusterBy: [] };
        return ddl(`create ${name}`, name, sql.createTable(raw, table, options));
      }),
    ...(existing.has(sql.LOCK) ? [] : [ddl(`create ${sql.LOCK}`, sql.LOCK, sql.createLock(raw, options))]),
  ];
}

function schemaOf(loaded: readonly PlannedCollection[], settings: ScriptSettings): LoadStatement[] {
  return [
    ...bookkeepingOf(settings),
    ...loaded.flatMap(({ tables }) => tables.flatMap((table) => tableDdl(table, settings))),
  ];
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  [LEDGER.name]: "The ledger: one row per load, written in the transaction of its data.",
  [REGISTRY.name]: "What the newest load left in each table.",
  [TRANSFORMS.name]: "Successful transforms.",
};

function tableDdl(planned: PlannedTable, { raw, options, partitionBy }: ScriptSettings): LoadStatement[] {
  const { table, action, addedColumns, source } = planned;
  if (action === "create") {
    const made = {
      name: table,
      description: source.spec.description,
      columns: rawColumns(source.spec),
      clusterBy: source.spec.key,
      partitionBy: Object.hasOwn(partitionBy, table) ? partitionBy[table] : undefined,
    };
    return [ddl(`create ${table}`, table, sql.createTable(raw, made, options))];
  }
  return addedColumns.length === 0
    ? []
    : [ddl(`add columns to ${table}`, table, sql.addColumns(raw, table, addedColumns))];
}

function ddl(name: string, table: string | null, text: string): LoadStatement {
  return { name, phase: "schema", purpose: "ddl", table, sql: text };
}

function stagesOf(
  plan: PlannedLoad,
  collection: PlannedCollection,
  { raw, options }: ScriptSettings,
): StagedTable[] {
  const parent = collection.tables[0]!.source.spec;
  return collection.tables.map((table) => {
    const { spec } = table.source;
    const stage = stageTable(raw, plan.request, spec.name);
    return {
      table,
      spec,
      stage,
      parent,
      parentStage: stageTable(raw, plan.request, parent.name),
      resource: stageResource(raw, stage, table, options),
      load:
        table.rows === 0
          ? undefined
          : {
              name: `stage ${table.table}`,
              phase: "stage",
              purpose: "stage",
              table: table.table,
              sql: JSON.stringify(loadConfiguration(raw, stage, table, options), null, 2),
            },
    };
  });
}
