import { realpathSync, rmSync } from "node:fs";

import { attempt, mustRun } from "./command.mjs";
import { root, venvProgram } from "./paths.mjs";
import { hashContents } from "./stamp.mjs";
import { fetchUv, readyUv } from "./uv.mjs";

/**
 * A Python environment of one tool. Never in a folder that is renamed when it is done: an environment cannot be moved,
 * so a stamp beside it says whether it is whole.
 *
 * @typedef {object} PythonEnvironment
 * @property {string} venv The folder.
 * @property {string} requirements Its lock file with checksums, relative to the clone.
 * @property {string} name What is installed, for messages.
 * @property {string} [otherwise] How to go on without it, as a line of its own.
 */

/**
 * Makes the environment anew from its lock file, by uv, or by pip if uv cannot be had.
 *
 * @param {PythonEnvironment} environment
 * @param {import("./python.mjs").Python} base
 * @param {import("./environment.mjs").Environment} env
 */
export async function makePythonEnvironment(environment, base, env) {
  const { venv } = environment;
  rmSync(venv, { recursive: true, force: true });
  const own = { ...env, UV_PYTHON_DOWNLOADS: "never", UV_NO_PROGRESS: "1" };
  const ready = base.uv ?? readyUv();
  if (ready !== undefined) {
    const args = ["venv", "--quiet", "--no-project", "--python", base.program, venv];
    if ((await attempt(ready, args, { env: own })).ok && (await installByUv(ready, environment, own))) return;
  }
  await makeVenv(environment, base, own);
  const fetched = ready === undefined ? await fetchUv(venvProgram(venv, "python"), own) : undefined;
  if (fetched !== undefined && (await installByUv(fetched, environment, own))) return;
  await installByPip(environment, own);
}

/** From what an environment is made; it changes when the clone moves or its Python is another. @param {PythonEnvironment} environment */
export function contentsOf({ venv, requirements }) {
  const python = realpathSync(venvProgram(venv, "python"));
  return JSON.stringify({ root, lock: hashContents(root, [requirements]), python });
}

/** @param {PythonEnvironment} environment @param {import("./python.mjs").Python} base @param {import("./environment.mjs").Environment} env */
async function makeVenv({ venv, name, otherwise }, base, env) {
  await mustRun(base.program, ["-m", "venv", "--clear", venv], {
    env,
    what: `Python ${base.version} (${base.program}) could not make an environment for ${name}.`,
    todo: orElse("Repair that Python, on Debian and Ubuntu: apt install python3-venv", otherwise),
  });
}

/**
 * Compiles at once: a program's own start would else do it at every call where Python may not write, as in many
 * containers.
 *
 * @param {string} uv
 * @param {PythonEnvironment} environment
 * @param {import("./environment.mjs").Environment} env
 */
async function installByUv(uv, { venv, requirements }, env) {
  const flags = ["--quiet", "--compile-bytecode", "--require-hashes"];
  const python = venvProgram(venv, "python");
  const args = ["pip", "install", ...flags, "--python", python, "--requirement", requirements];
  return (await attempt(uv, args, { env, cwd: root })).ok;
}

/** @param {PythonEnvironment} environment @param {import("./environment.mjs").Environment} env */
async function installByPip({ venv, requirements, name, otherwise }, env) {
  const flags = ["--quiet", "--retries=2", "--no-input", "--require-hashes"];
  const python = venvProgram(venv, "python");
  await mustRun(python, ["-m", "pip", "install", ...flags, "--requirement", requirements], {
    env,
    cwd: root,
    what: `Could not install ${name} from the Python package index.`,
    todo: orElse("Connect to the internet once and try again", otherwise),
  });
}

/** @param {string} todo @param {string | undefined} otherwise */
function orElse(todo, otherwise) {
  return otherwise === undefined ? `${todo}.` : `${todo}\n${otherwise}`;
}
