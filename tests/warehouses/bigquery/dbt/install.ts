import { existsSync } from "node:fs";
import { join } from "node:path";
import { withoutNpm } from "../../../../scripts/bootstrap/environment.mjs";
import { tools, venvProgram } from "../../../../scripts/bootstrap/paths.mjs";
import { contentsOf, makePythonEnvironment } from "../../../../scripts/bootstrap/python-environment.mjs";
import { findPython } from "../../../../scripts/bootstrap/python.mjs";
import { readStamp, removeStamp, writeStamp } from "../../../../scripts/bootstrap/stamp.mjs";
import { withInstallLock } from "../../../harness/install-lock.ts";

const FOLDER = join(tools, "dbt-bigquery");
const STAMP = join(FOLDER, "stamp");
const ENVIRONMENT = {
  venv: join(FOLDER, "venv"),
  requirements: "dbt/requirements-bigquery.lock",
  name: "dbt for BigQuery",
};

/**
 * Makes the Python environment of dbt-bigquery, once per clone: some 700 MB, a quarter of a minute where the packages are
 * at hand.
 *
 * @param say Hears of long work.
 * @returns The program.
 * @throws Error whose message says what is missing and what to do.
 */
export async function installDbtBigQuery(say: (line: string) => void): Promise<string> {
  const dbt = venvProgram(ENVIRONMENT.venv, "dbt");
  if (isReady(dbt)) return dbt;
  return withInstallLock(FOLDER, ENVIRONMENT.name, say, async () => {
    if (isReady(dbt)) return dbt;
    say("Installing dbt for BigQuery from the Python package index …");
    const env = withoutNpm(process.env);
    removeStamp(STAMP);
    await makePythonEnvironment(ENVIRONMENT, await findPython(env), env);
    writeStamp(STAMP, contentsOf(ENVIRONMENT));
    return dbt;
  });
}

function isReady(dbt: string): boolean {
  const python = venvProgram(ENVIRONMENT.venv, "python");
  return existsSync(dbt) && existsSync(python) && readStamp(STAMP) === contentsOf(ENVIRONMENT);
}
