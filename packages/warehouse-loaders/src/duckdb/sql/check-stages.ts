import { isChild, ORDINAL, PARENT_ID, type TableSpec } from "@spacex-etl/contracts";
import type { CheckedStage } from "../../merge/index.ts";
import { identifier, literal, stageView } from "./names.ts";

// In both checks the keys with the number of their rows hold all that is asked, so that a stage is read once. A key that a
// parent has twice would count its children twice, but then the parent's own numbers are refused first.

/** Ordinals below this become bits of one number. */
const ORDINAL_BITS = 62;

/** Whether {@link checkOrdinals} is there for it: a child of one array. */
export function hasOneOrdinal({ spec }: Pick<CheckedStage, "spec">): boolean {
  return spec.key.length === 2 && spec.key[0] === PARENT_ID && spec.key[1] === ORDINAL;
}

/**
 * The row of {@link checkStage} for a child of one array, and `doubtful`: parents of which this cannot say that the keys of
 * their rows are there and differ, be it only because one has more elements than a number has bits. Without such the row is
 * right; else `checkStage` knows. It takes a third of its time: with fewer and smaller keys to be held in memory.
 */
export function checkOrdinals({ spec, parent }: CheckedStage): string {
  const [key, ordinal] = [identifier(PARENT_ID), identifier(ORDINAL)];
  const bit = `1::BIGINT << least(greatest(${ordinal}, 0), ${ORDINAL_BITS})`;
  const proven = [
    `${key} IS NOT NULL`,
    `count(${ordinal}) = count(*)`,
    `min(${ordinal}) >= 0`,
    `max(${ordinal}) < ${ORDINAL_BITS}`,
    `bit_count(bit_or(${bit})) = count(*)`,
  ];
  return [
    `SELECT ${literal(spec.name)} AS table_name,`,
    `  ${sum("true")} AS rows,`,
    "  0 AS null_keys,",
    "  0 AS duplicate_keys,",
    `  ${sum("_known IS NULL")} AS orphans,`,
    "  count(*) FILTER (_proven IS NOT TRUE) AS doubtful",
    `FROM (SELECT ${key}, count(*) AS _n, ${proven.join(" AND ")} AS _proven FROM ${stageView(spec.name)} GROUP BY ${key})`,
    knownParents(parent),
  ].join("\n");
}

/** One row: table_name, rows, null_keys, duplicate_keys, orphans. */
export function checkStage({ spec, parent }: CheckedStage): string {
  const key = spec.key.map(identifier).join(", ");
  const child = isChild(spec);
  return [
    `SELECT ${literal(spec.name)} AS table_name,`,
    `  ${sum("true")} AS rows,`,
    `  ${sum(missing(spec))} AS null_keys,`,
    "  count(*) FILTER (_n > 1) AS duplicate_keys,",
    `  ${child ? sum("_known IS NULL") : "0"} AS orphans`,
    `FROM (SELECT ${key}, count(*) AS _n FROM ${stageView(spec.name)} GROUP BY ${key})`,
    ...(child ? [knownParents(parent)] : []),
  ].join("\n");
}

function knownParents({ name, parentKey }: TableSpec): string {
  return `LEFT JOIN (SELECT ${identifier(parentKey.name)} AS _key, true AS _known FROM ${stageView(name)}) ON ${identifier(PARENT_ID)} = _key`;
}

/**
 * The same for many small stages at once, where the making of a hash table for each costs more than the rows: one row per
 * stage that has rows. Keys are compared as text.
 */
export function checkSmallStages(stages: readonly CheckedStage[]): string {
  const width = Math.max(...stages.map(({ spec }) => spec.key.length));
  const keys = stages.map(({ spec, parent }) => {
    const parts = Array.from({ length: width }, (_, index) => {
      const column = spec.key[index];
      return column === undefined ? "NULL" : `CAST(${identifier(column)} AS VARCHAR)`;
    });
    const values = [
      `${literal(spec.name)} AS table_name`,
      `${isChild(spec) ? literal(parent.name) : "CAST(NULL AS VARCHAR)"} AS parent`,
      ...parts.map((part, index) => `${part} AS key_${index + 1}`),
      `${missing(spec)} AS missing`,
    ];
    return `  SELECT ${values.join(", ")} FROM ${stageView(spec.name)}`;
  });
  const children = stages.filter(({ spec }) => isChild(spec));
  const parents = new Map(children.map(({ parent }) => [parent.name, parent]));
  const known = [...parents.values()].map(
    ({ name, parentKey }) =>
      `  SELECT ${literal(name)} AS parent, CAST(${identifier(parentKey.name)} AS VARCHAR) AS key_1, true AS _known FROM ${stageView(name)}`,
  );
  return [
    "SELECT table_name,",
    `  ${sum("true")} AS rows,`,
    `  ${sum("missing")} AS null_keys,`,
    "  count(*) FILTER (_n > 1) AS duplicate_keys,",
    `  ${known.length === 0 ? "0" : sum("parent IS NOT NULL AND _known IS NULL")} AS orphans`,
    "FROM (SELECT *, count(*) AS _n FROM (",
    keys.join("\n  UNION ALL\n"),
    ") GROUP BY ALL)",
    ...(known.length === 0 ? [] : ["LEFT JOIN (", known.join("\n  UNION ALL\n"), ") USING (parent, key_1)"]),
    "GROUP BY table_name",
  ].join("\n");
}

function sum(condition: string): string {
  const filter = condition === "true" ? "" : ` FILTER (${condition})`;
  return `CAST(coalesce(sum(_n)${filter}, 0) AS BIGINT)`;
}

function missing(spec: TableSpec): string {
  return spec.key.map((column) => `${identifier(column)} IS NULL`).join(" OR ");
}
