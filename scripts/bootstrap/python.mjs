import { attempt } from "./command.mjs";
import { findProgram } from "./environment.mjs";
import { failure } from "./failure.mjs";

/**
 * @typedef {object} Python
 * @property {string} program
 * @property {string} version
 * @property {string | undefined} uv uv on PATH.
 */

const wanted = ">=3.11,<3.14";

/** Read by every Python since 2.7, so that an old one is named in the message. */
const probe = [
  "import sys",
  "v = '.'.join(str(n) for n in sys.version_info[:3])",
  "b = getattr(sys, '_base_executable', '') or sys.executable",
  "try:",
  "  import venv, ensurepip",
  "  e = 'venv'",
  "except ImportError:",
  "  e = 'bare'",
  "print('|'.join([v, e, b]))",
].join("\n");

const withoutPython = "Or go on without dbt: npm start -- --no-transform";

/**
 * A Python that dbt runs on: the one called `python3` if it will do, else the newest that will.
 *
 * @param {import("./environment.mjs").Environment} env
 * @returns {Promise<Python>}
 */
export async function findPython(env) {
  const uv = await workingUv(env);
  const found = [];
  for (const candidate of candidates(env)) {
    const python = await ask(candidate, env);
    if (python === undefined) continue;
    found.push(python);
    if (isGood(python.version) && (python.complete || uv !== undefined)) return { ...python, uv };
  }
  const managed = uv === undefined ? undefined : await managedByUv(uv, env);
  if (managed !== undefined) return { ...managed, uv };
  throw missing(found);
}

/** @param {string} version */
export function isGood(version) {
  const [major, minor = 0] = version.split(".").map(Number);
  return major === 3 && minor >= 11 && minor <= 13;
}

/** @param {import("./environment.mjs").Environment} env @returns {readonly (readonly string[])[]} */
function candidates(env) {
  const names = ["python3", "python3.13", "python3.12", "python3.11", "python"];
  const found = names.flatMap((name) => findProgram(name, env) ?? []).map((file) => [file]);
  const launcher = process.platform === "win32" ? findProgram("py", env) : undefined;
  return launcher === undefined
    ? found
    : [...found, ...["-3.13", "-3.12", "-3.11"].map((flag) => [launcher, flag])];
}

/** @param {readonly string[]} command @param {import("./environment.mjs").Environment} env */
async function ask([file = "", ...flags], env) {
  const { ok, stdout } = await attempt(file, [...flags, "-c", probe], { env, timeout: 20_000 });
  const [version, completeness, program] = stdout.trim().split("|");
  if (!ok || version === undefined || program === undefined) return undefined;
  return { version, program, complete: completeness === "venv" };
}

/** @param {import("./environment.mjs").Environment} env */
async function workingUv(env) {
  const found = findProgram("uv", env);
  if (found === undefined) return undefined;
  return (await attempt(found, ["--version"], { env, timeout: 10_000 })).ok ? found : undefined;
}

/** uv may know Pythons that are not on PATH. It downloads none here. @param {string} uv @param {import("./environment.mjs").Environment} env */
async function managedByUv(uv, env) {
  const args = ["python", "find", "--no-project", "--no-python-downloads", wanted];
  const { ok, stdout } = await attempt(uv, args, { env, timeout: 20_000 });
  return ok ? ask([stdout.trim()], env) : undefined;
}

/** @param {readonly { version: string, program: string }[]} found */
function missing(found) {
  const bare = found.find(({ version }) => isGood(version));
  if (bare !== undefined) {
    return failure({
      what: `Python ${bare.version} (${bare.program}) has no venv and pip, which dbt's own environment is made with.`,
      todo: `Install them, on Debian and Ubuntu: apt install python3-venv\n${withoutPython}`,
      exitCode: 2,
    });
  }
  const others = found.map(({ version }) => version).join(", ");
  return failure({
    what: `Python 3.11, 3.12 or 3.13 is needed for dbt and is not on PATH${others === "" ? "" : ` (found: ${others})`}.`,
    todo: `Install one, for example: apt install python3 python3-venv, brew install python@3.13, winget install Python.Python.3.13\n${withoutPython}`,
    exitCode: 2,
  });
}
