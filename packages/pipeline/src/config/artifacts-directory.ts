import { basename, dirname, extname, join, resolve } from "node:path";
import type { WarehouseLocation } from "./warehouse/index.ts";

/** The folder for what a laptop keeps between runs; the default lake and warehouse lie in it, too. */
const STATE_FOLDER = ".spacex-etl";

/** Where dbt's artifacts and logs of a warehouse go: beside a file, else into the default state folder. */
export function artifactsDirectory(warehouse: WarehouseLocation, cwd: string): string {
  switch (warehouse.kind) {
    case "duckdb": {
      const { path } = warehouse;
      return join(dirname(path), "dbt", basename(path, extname(path)));
    }
    case "bigquery":
      return inState(cwd, ["bigquery", warehouse.project, warehouse.dataset]);
    case "redshift":
      return inState(cwd, ["redshift", warehouse.host, warehouse.database, warehouse.schema]);
  }
}

function inState(cwd: string, names: readonly string[]): string {
  const name = names.map((text) => text.replace(/[^\w.-]+/g, "_")).join("-");
  return resolve(cwd, STATE_FOLDER, "dbt", name);
}
