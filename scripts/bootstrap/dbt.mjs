import { existsSync } from "node:fs";
import { join } from "node:path";

import { tools, venvProgram } from "./paths.mjs";
import { contentsOf, makePythonEnvironment } from "./python-environment.mjs";
import { readStamp, removeStamp, writeStamp } from "./stamp.mjs";

/** People look for it by this name. */
const venv = join(tools, "dbt");
const stamp = join(tools, "dbt.stamp");
const environment = {
  venv,
  requirements: "dbt/requirements.lock",
  name: "dbt",
  otherwise: "Or go on without dbt: npm start -- --no-transform",
};
const python = venvProgram(venv, "python");
const dbt = venvProgram(venv, "dbt");

/** dbt, if its environment is whole, made from the lock file of today, and its Python still there. @returns {string | undefined} */
export function readyDbt() {
  return existsSync(dbt) && existsSync(python) && readStamp(stamp) === contentsOf(environment)
    ? dbt
    : undefined;
}

/**
 * Makes dbt's own Python environment.
 *
 * @param {import("./python.mjs").Python} base
 * @param {import("./environment.mjs").Environment} env
 * @param {import("./steps.mjs").Steps} steps
 */
export async function installDbt(base, env, steps) {
  removeStamp(stamp);
  await steps.run(`dbt on Python ${base.version}`, () => makePythonEnvironment(environment, base, env));
  writeStamp(stamp, contentsOf(environment));
}
