import { isChild, PARENT_ID, type TableSpec } from "@spacex-etl/contracts";
import type { PlannedCollection } from "../../loader/load-plan.ts";
import { DELETED_AT } from "../../planning/raw-tables.ts";
import { identifier, literal, type RawDataset, tableName } from "./names.ts";

/** A stage and that of its collection's parent. */
export interface CheckedStage {
  readonly spec: TableSpec;
  readonly stage: string;
  readonly parentStage: string;
  readonly parent: TableSpec;
}

/** A collection whose tables are compared with what the warehouse holds. */
export interface ComparedCollection {
  readonly collection: PlannedCollection;
  readonly parentStage: string;
}

/**
 * One row per stage (`kind` = stage: n rows, null_keys, duplicate_keys, orphans) and one per compared collection (`kind` =
 * changes: of the live rows that the run does not bring, n would be deleted and `kept` stay).
 */
export function checkStages(
  raw: RawDataset,
  stages: readonly CheckedStage[],
  compared: readonly ComparedCollection[],
): string {
  return [
    ...stages.map((stage) => checkStage(raw, stage)),
    ...compared.map((one) => countVanishing(raw, one)),
  ].join("\nUNION ALL\n");
}

/** Keys with the number of their rows hold all that is asked, so that a stage is read once. */
function checkStage(raw: RawDataset, { spec, stage, parentStage, parent }: CheckedStage): string {
  const key = spec.key.map(identifier).join(", ");
  const missing = spec.key.map((column) => `k.${identifier(column)} IS NULL`).join(" OR ");
  const child = isChild(spec);
  return [
    `SELECT 'stage' AS kind, ${literal(spec.name)} AS name, IFNULL(SUM(k.copies), 0) AS n,`,
    `  IFNULL(SUM(IF(${missing}, k.copies, 0)), 0) AS null_keys,`,
    "  COUNTIF(k.copies > 1) AS duplicate_keys,",
    `  ${child ? "IFNULL(SUM(IF(p.known IS NULL, k.copies, 0)), 0)" : "0"} AS orphans, 0 AS kept`,
    `FROM (SELECT ${key}, COUNT(*) AS copies FROM ${tableName(raw, stage)} GROUP BY ${key}) AS k`,
    ...(child
      ? [
          // A key that a parent has twice would count its children twice; then its own numbers are refused first.
          `LEFT JOIN (SELECT ${identifier(parent.parentKey.name)} AS known FROM ${tableName(raw, parentStage)}) AS p ON p.known = k.${identifier(PARENT_ID)}`,
        ]
      : []),
  ].join("\n");
}

function countVanishing(raw: RawDataset, { collection, parentStage }: ComparedCollection): string {
  const parent = collection.tables[0]!;
  const key = identifier(parent.source.spec.parentKey.name);
  const kept = isProtected(collection, `t.${key}`);
  return [
    `SELECT 'changes' AS kind, ${literal(collection.name)} AS name, COUNTIF(NOT (${kept})) AS n, 0 AS null_keys, 0 AS duplicate_keys, 0 AS orphans, COUNTIF(${kept}) AS kept`,
    `FROM ${tableName(raw, parent.table)} AS t`,
    `LEFT JOIN (SELECT ${key} AS known FROM ${tableName(raw, parentStage)}) AS s ON s.known = t.${key}`,
    `WHERE t.${identifier(DELETED_AT)} IS NULL AND s.known IS NULL`,
  ].join("\n");
}

/** Whether a row that the run does not bring must stay, because it may be among the invalid records. */
export function isProtected({ quarantinedKeys }: PlannedCollection, key: string): string {
  if (quarantinedKeys === null) return "TRUE";
  return quarantinedKeys.length === 0
    ? "FALSE"
    : `CAST(${key} AS STRING) IN (${quarantinedKeys.map(literal).join(", ")})`;
}

/** At most three keys that occur more than once, as text in a column `example`. */
export function duplicateExamples(raw: RawDataset, spec: TableSpec, stage: string): string {
  const columns = spec.key.map(identifier);
  const text = columns.map((column) => `IFNULL(CAST(${column} AS STRING), 'null')`).join(" || '/' || ");
  return `SELECT ${text} AS example FROM ${tableName(raw, stage)} GROUP BY ${columns.join(", ")} HAVING COUNT(*) > 1 ORDER BY 1 LIMIT 3`;
}
