import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TablesManifest, tablesManifestSchema } from "@spacex-etl/contracts";
import { expect } from "vitest";
import { queryAll } from "./query-all.ts";
import type { Site } from "./site.ts";

/** Keys of all objects of the lake below a prefix that ends in a slash, sorted. */
export function keys({ lake }: Pick<Site, "lake">, prefix = ""): string[] {
  const folder = join(lake, prefix);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(lake.length + 1))
    .toSorted();
}

/** The one object whose key fits. */
export function onlyKey(site: Pick<Site, "lake">, pattern: RegExp): string {
  const found = keys(site).filter((key) => pattern.test(key));
  expect(found, `objects like ${pattern}`).toHaveLength(1);
  return found[0] ?? "";
}

/** Tables and parts of a run that was normalized. */
export function tablesOfRun({ lake }: Pick<Site, "lake">, runId: string): TablesManifest {
  return tablesManifestSchema.parse(
    JSON.parse(readFileSync(join(lake, "runs", runId, "tables.json"), "utf8")),
  );
}

/** Names of the collections that are complete under a run id. */
export function completeOf(site: Pick<Site, "lake">, runId: string): string[] {
  return keys(site, `runs/${runId}/extract/`).map((key) => /([^/]+)\.json$/.exec(key)?.[1] ?? key);
}

/** No step of any run is committed, no head is published, and no database was made. */
export function expectNothingCommitted(site: Site): void {
  const commits = /^heads\/|^runs\/[^/]+\/(extract|tables)\.json$/;
  expect(keys(site).filter((key) => commits.test(key))).toEqual([]);
  expect(existsSync(site.warehouse)).toBe(false);
}

/** How many rows stand in the warehouse and not in the run's files, or the other way round, by table. */
export async function differences(
  site: Site,
  manifest: TablesManifest,
  collections: readonly string[],
): Promise<Record<string, number>> {
  const tables = manifest.collections
    .filter(({ name }) => collections.includes(name))
    .flatMap((collection) => collection.tables)
    .filter(({ parts }) => parts.length > 0);
  const results = await queryAll(
    site.warehouse,
    tables.map(({ spec, parts }) => {
      const live = spec.parent === undefined ? " WHERE _deleted_at IS NULL" : "";
      const raw = `SELECT COLUMNS(c -> c NOT IN ('_run_id', '_loaded_at', '_deleted_at')) FROM raw."${spec.name}"${live}`;
      const files = `FROM ${parquet(site, parts)}`;
      return `SELECT (SELECT count(*) FROM (${raw} EXCEPT ALL ${files})) + (SELECT count(*) FROM (${files} EXCEPT ALL ${raw})) AS n`;
    }),
  );
  const counts = tables.map(({ spec }, index): [string, number] => [
    spec.name,
    Number(results[index]?.[0]?.["n"]),
  ]);
  return Object.fromEntries(counts.filter(([, count]) => count !== 0));
}

/** Parts of a table as DuckDB reads them, with no column but their own. */
export function parquet({ lake }: Pick<Site, "lake">, parts: readonly { readonly path: string }[]): string {
  const files = parts.map(({ path }) => `'${join(lake, path)}'`);
  return `read_parquet([${files.join(", ")}], hive_partitioning = false)`;
}
