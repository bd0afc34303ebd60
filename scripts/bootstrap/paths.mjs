import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The clone. */
export const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** Everything that the bootstrap makes outside node_modules and dist; git-ignored, may be deleted at any time. */
export const tools = join(root, ".tools");

/** The built command line. */
export const cli = join(root, "packages", "runner-local", "dist", "cli.js");

/** The test runner, as a script for Node. */
export const vitest = join(root, "node_modules", "vitest", "vitest.mjs");

const windows = process.platform === "win32";

/** The programs of a Python environment. @param {string} venv @param {string} name */
export function venvProgram(venv, name) {
  return windows ? join(venv, "Scripts", `${name}.exe`) : join(venv, "bin", name);
}

/** The name that npm's platform packages and the pins use. */
export const platform = `${process.platform}-${process.arch}`;
