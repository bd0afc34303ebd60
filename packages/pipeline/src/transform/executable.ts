import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { EtlError } from "@spacex-etl/contracts";

/**
 * The dbt to run, without running it: `dbt --version` takes seconds and asks the network.
 *
 * @throws EtlError of kind `usage` that says how to get one, or how to go on without.
 */
export function findDbt(
  configured: string | undefined,
  path: string | undefined = process.env["PATH"],
): string {
  const name = configured ?? "dbt";
  if (isAbsolute(name)) {
    if (isExecutable(name)) return name;
  } else {
    const suffixes = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
    for (const folder of (path ?? "").split(delimiter).filter((entry) => entry !== "")) {
      const found = suffixes.map((suffix) => join(folder, `${name}${suffix}`)).find(isExecutable);
      if (found !== undefined) return found;
    }
  }
  throw new EtlError({
    kind: "usage",
    code: "DBT_MISSING",
    message: isAbsolute(name) ? `${name} is no program that can be run.` : `There is no ${name} on the PATH.`,
    hint:
      "Install dbt-core 1.11 with dbt-duckdb 1.11 and duckdb 1.5.6 for Python 3.11 to 3.13 and name it with --dbt or " +
      "SPACEX_ETL_DBT, or leave the transform out with --no-transform.",
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
