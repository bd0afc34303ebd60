import { existsSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";

import { attempt, mustRun } from "./command.mjs";
import { root, tools, venvProgram } from "./paths.mjs";
import { hashContents, readStamp, removeStamp, writeStamp } from "./stamp.mjs";
import { fetchUv, readyUv } from "./uv.mjs";

/** Not in a folder of its version: a Python environment cannot be moved, and people look for it by this name. */
const venv = join(tools, "dbt");
const stamp = join(tools, "dbt.stamp");
const requirements = "dbt/requirements.lock";
const python = venvProgram(venv, "python");
const dbt = venvProgram(venv, "dbt");

/** dbt, if its environment is whole, made from the lock file of today, and its Python still there. @returns {string | undefined} */
export function readyDbt() {
  return existsSync(dbt) && existsSync(python) && readStamp(stamp) === whatIsInstalled() ? dbt : undefined;
}

/**
 * Makes dbt's own Python environment from the lock file with checksums, by uv, or by pip if uv cannot be had.
 *
 * @param {import("./python.mjs").Python} base
 * @param {import("./environment.mjs").Environment} env
 * @param {import("./steps.mjs").Steps} steps
 */
export async function installDbt(base, env, steps) {
  removeStamp(stamp);
  await steps.run(`dbt on Python ${base.version}`, async () => {
    rmSync(venv, { recursive: true, force: true });
    const own = { ...env, UV_PYTHON_DOWNLOADS: "never", UV_NO_PROGRESS: "1" };
    const ready = base.uv ?? readyUv();
    if (ready !== undefined) {
      const args = ["venv", "--quiet", "--no-project", "--python", base.program, venv];
      if ((await attempt(ready, args, { env: own })).ok && (await installByUv(ready, own))) return;
    }
    await makeVenv(base, own);
    const fetched = ready === undefined ? await fetchUv(python, own) : undefined;
    if (fetched !== undefined && (await installByUv(fetched, own))) return;
    await installByPip(own);
  });
  writeStamp(stamp, whatIsInstalled());
}

/** @param {import("./python.mjs").Python} base @param {import("./environment.mjs").Environment} env */
async function makeVenv(base, env) {
  await mustRun(base.program, ["-m", "venv", "--clear", venv], {
    env,
    what: `Python ${base.version} (${base.program}) could not make an environment for dbt.`,
    todo: "Repair that Python, on Debian and Ubuntu: apt install python3-venv\nOr go on without dbt: npm start -- --no-transform",
  });
}

/**
 * Compiles at once: dbt's own start would else do it at every call where Python may not write, as in many containers.
 *
 * @param {string} uv
 * @param {import("./environment.mjs").Environment} env
 */
async function installByUv(uv, env) {
  const flags = ["--quiet", "--compile-bytecode", "--require-hashes"];
  const args = ["pip", "install", ...flags, "--python", python, "--requirement", requirements];
  return (await attempt(uv, args, { env, cwd: root })).ok;
}

/** @param {import("./environment.mjs").Environment} env */
async function installByPip(env) {
  const flags = ["--quiet", "--retries=2", "--no-input", "--require-hashes"];
  await mustRun(python, ["-m", "pip", "install", ...flags, "--requirement", requirements], {
    env,
    cwd: root,
    what: "Could not install dbt from the Python package index.",
    todo: "Connect to the internet once and try again,\nor go on without dbt: npm start -- --no-transform",
  });
}

function whatIsInstalled() {
  return JSON.stringify({ root, lock: hashContents(root, [requirements]), python: realpathSync(python) });
}
