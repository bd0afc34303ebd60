import { createHash } from "node:crypto";
import { basename, dirname, extname, join, resolve } from "node:path";
import type { WarehouseLocation } from "./warehouse/index.ts";

/** The folder for what a laptop keeps between runs; the default lake and warehouse lie in it, too. */
const STATE_FOLDER = ".spacex-etl";

const HASH_LENGTH = 8;
/** File systems take 255 bytes. */
const MAX_NAME = 200;

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
      return inState(cwd, [
        "redshift",
        warehouse.host,
        String(warehouse.port),
        warehouse.database,
        warehouse.schema,
      ]);
  }
}

function inState(cwd: string, names: readonly string[]): string {
  const name = names.map((text) => text.replace(/[^\w.-]+/g, "_")).join("-");
  // Names that look alike in a path stay apart by it, also where the file system takes capital letters for small ones.
  const hash = createHash("sha256").update(JSON.stringify(names)).digest("hex").slice(0, HASH_LENGTH);
  return resolve(cwd, STATE_FOLDER, "dbt", `${name.slice(0, MAX_NAME)}-${hash}`);
}
