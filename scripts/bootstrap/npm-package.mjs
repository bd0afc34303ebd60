import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { mustRun } from "./command.mjs";
import { findProgram } from "./environment.mjs";
import { tools } from "./paths.mjs";
import { readStamp } from "./stamp.mjs";

/** Names the folder's main program and its size, in bytes; the last thing written into a tool's folder. */
const readyFile = "ready.json";

/** Set-ups that were killed leave these behind. */
export const temporaryPrefix = ".tmp-";

/**
 * The program of a tool that was fetched before and is whole, or undefined.
 *
 * @param {string} folder
 * @returns {string | undefined}
 */
export function fetchedProgram(folder) {
  try {
    const { program, size } = JSON.parse(readStamp(join(folder, readyFile)) ?? "{}");
    const file = join(folder, program);
    return statSync(file).size === size ? file : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Fetches npm packages by exact version and checksum into a temporary folder, which is renamed when all is well:
 * the folder is there as a whole or not at all.
 *
 * @param {object} tool
 * @param {string} tool.folder
 * @param {string} tool.program Relative to the folder.
 * @param {readonly import("./pins.mjs").Package[]} tool.packages
 * @param {(folder: string) => Promise<void>} tool.check Proves that the tool works, and may finish it.
 * @param {import("./environment.mjs").Environment} env
 * @param {{ what: string, todo: string }} message
 */
export async function fetchTool({ folder, program, packages, check }, env, message) {
  mkdirSync(tools, { recursive: true });
  const temporary = mkdtempSync(join(tools, temporaryPrefix));
  try {
    writeLockFile(temporary, packages);
    const [npm, ...first] = npmCommand(env);
    const flags = [
      "--ignore-scripts",
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      "--no-update-notifier",
      "--loglevel=error",
    ];
    const patience = ["--fetch-retries=3", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=4000"];
    await mustRun(npm, [...first, "ci", ...flags, ...patience], { env, cwd: temporary, ...message });
    await check(temporary);
    const { size } = statSync(join(temporary, program));
    writeFileSync(join(temporary, readyFile), JSON.stringify({ program, size }));
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** @param {string} folder @param {readonly import("./pins.mjs").Package[]} packages */
function writeLockFile(folder, packages) {
  const dependencies = Object.fromEntries(packages.map(({ name, version }) => [name, version]));
  const entries = packages.map(({ name, version, integrity }) => [
    `node_modules/${name}`,
    { version, integrity },
  ]);
  const own = { name: "tool", version: "0.0.0", private: true, dependencies };
  const lock = { name: "tool", version: "0.0.0", lockfileVersion: 3, requires: true };
  const all = { "": own, ...Object.fromEntries(entries) };
  writeFileSync(join(folder, "package.json"), JSON.stringify(own));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ ...lock, packages: all }));
}

/**
 * How to start npm without a shell: the one that started us, or the one beside Node, or the one on PATH.
 *
 * @param {import("./environment.mjs").Environment} env
 * @returns {readonly [string, ...string[]]}
 */
function npmCommand(env) {
  const beside = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath?.endsWith("npm-cli.js") ? process.env.npm_execpath : undefined,
    join(beside, "node_modules", "npm", "bin", "npm-cli.js"),
    join(beside, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const script = candidates.find((candidate) => candidate !== undefined && existsSync(candidate));
  return script === undefined ? [findProgram("npm", env) ?? "npm"] : [process.execPath, script];
}
