import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A dbt project of a few models, with a profile as ours, that parses in a moment. */
export function writeDbtProject(folder: string, models: Readonly<Record<string, string>>): string {
  const files: Record<string, string> = {
    "dbt_project.yml":
      'name: small\nversion: "1.0.0"\nprofile: small\nmodels:\n  small:\n    +materialized: table\n    +schema: marts\n',
    "profiles.yml":
      "small:\n  target: duckdb\n  outputs:\n    duckdb:\n      type: duckdb\n" +
      "      path: \"{{ env_var('SPACEX_ETL_DUCKDB_PATH') }}\"\n      threads: 1\n",
  };
  for (const [name, sql] of Object.entries(models)) files[`models/${name}`] = sql;
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
