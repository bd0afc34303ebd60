import { join } from "node:path";
import { EtlError } from "@spacex-etl/contracts/errors";
import type { WarehouseLocation } from "../config/index.ts";
import { ownRequirementsLock } from "./project.ts";
import type { PythonPackages } from "./python-environment.ts";

interface Requirement {
  readonly name: string;
  /** `1.11`: this and all later ones up to `below`. */
  readonly from: readonly [number, number];
  /** The first that is refused. */
  readonly below: readonly [number, number];
  readonly why: string;
}

/** The warehouses that dbt can be run on. */
export type Engine = WarehouseLocation["kind"];

const CORE: Requirement = {
  name: "dbt-core",
  from: [1, 11],
  below: [2, 0],
  why: "the project's models need it",
};

/** For each warehouse what is known to work, as loosely as possible; that of DuckDB is what `dbt/requirements.lock` pins. */
export const REQUIREMENTS: Readonly<Record<Engine, readonly Requirement[]>> = {
  duckdb: [
    CORE,
    { name: "dbt-duckdb", from: [1, 10], below: [2, 0], why: "the warehouse is a DuckDB file" },
    {
      name: "duckdb",
      from: [1, 5],
      below: [1, 6],
      why: "it must be the DuckDB that loads: one cannot read what a newer one wrote",
    },
  ],
  // Older ones do not know the materialized views of staging.
  bigquery: [CORE, { name: "dbt-bigquery", from: [1, 10], below: [2, 0], why: "the warehouse is BigQuery" }],
  redshift: [CORE, { name: "dbt-redshift", from: [1, 10], below: [2, 0], why: "the warehouse is Redshift" }],
};

/** What pip is told where there is no lock file for it. */
const PACKAGES: Readonly<Record<Engine, string>> = {
  duckdb: '"dbt-core~=1.11.0" "dbt-duckdb~=1.11.0" "duckdb~=1.5.6"',
  bigquery: '"dbt-core~=1.11.0" "dbt-bigquery>=1.11,<2"',
  redshift: '"dbt-core~=1.11.0" "dbt-redshift>=1.11,<2"',
};

/**
 * Refuses a dbt whose environment lacks a package or has it in a version that will fail later.
 *
 * @throws EtlError of kind `usage`: DBT_ADAPTER_MISSING, DBT_VERSION.
 */
export function checkRequirements(executable: string, packages: PythonPackages, engine: Engine): void {
  if (packages === undefined) return;
  for (const { name, from, below, why } of REQUIREMENTS[engine]) {
    const version = packages.get(name);
    if (version === undefined) {
      throw new EtlError({
        kind: "usage",
        code: "DBT_ADAPTER_MISSING",
        message: `${executable} has no ${name}: ${why}.`,
        hint: installHint(engine),
      });
    }
    const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
    if (isBefore([major, minor], below) && !isBefore([major, minor], from)) continue;
    throw new EtlError({
      kind: "usage",
      code: "DBT_VERSION",
      message: `${executable} has ${name} ${version}, not ${from.join(".")} or newer below ${below.join(".")}: ${why}.`,
      hint: installHint(engine),
    });
  }
}

/** Commands that make a dbt that fits, and the way to go on without one. */
export function installHint(engine: Engine): string {
  const [python, bin] = process.platform === "win32" ? ["py", "Scripts"] : ["python3", "bin"];
  const environment = "dbt-env";
  const program = (name: string): string => join(environment, bin, name);
  return (
    `Install it once: ${python} -m venv ${environment} && ` +
    `${program("pip")} install ${requirements(engine)} (Python 3.11 to 3.13), ` +
    `then add --dbt ${program("dbt")} or set SPACEX_ETL_DBT. To leave dbt out: --no-transform.`
  );
}

/** What pip is told: the lock file that comes with the project, or ranges where none did. */
function requirements(engine: Engine): string {
  const lock = ownRequirementsLock(engine === "duckdb" ? "requirements.lock" : `requirements-${engine}.lock`);
  return lock === undefined ? PACKAGES[engine] : `-r ${quote(lock)}`;
}

function isBefore(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] === b[0] ? a[1] < b[1] : a[0] < b[0];
}

function quote(path: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(path) ? path : `"${path}"`;
}
