import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { root } from "./paths.mjs";

/** @typedef {Record<string, string | undefined>} Environment */

/** Settings of npm that say how to reach a registry; all others belong to the npm that called us, not to a nested one. */
const kept =
  /registry|proxy|^ca$|cafile|cert|key|strict_ssl|cache|userconfig|globalconfig|fetch|auth|token|offline/;

/**
 * The environment without what the calling npm put there for its own script: a nested npm or pnpm would take
 * `package`, `call`, `workspace` or `prefix` for its own settings.
 *
 * @param {Environment} from
 * @returns {Environment}
 */
export function withoutNpm(from) {
  /** @type {Environment} */
  const env = {};
  for (const [name, value] of Object.entries(from)) {
    const lower = name.toLowerCase();
    const setting = lower.startsWith("npm_config_") ? lower.slice("npm_config_".length) : undefined;
    const dropped = setting === undefined ? lower.startsWith("npm_") : !kept.test(setting);
    if (!dropped) env[name] = value;
  }
  if (from.NODE !== undefined && from.NODE === from.npm_node_execpath) delete env.NODE;
  return { ...env, ...quiet };
}

/** No tool that the bootstrap starts reports home or asks a question. */
const quiet = {
  DO_NOT_TRACK: "1",
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  COREPACK_ENABLE_DOWNLOAD_PROMPT: "0",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
};

/**
 * The environment of a tool or of the job: the folders in front of PATH, then the workspace's own binaries.
 *
 * @param {Environment} from
 * @param {readonly string[]} folders
 * @returns {Environment}
 */
export function withPath(from, folders) {
  const env = { ...from };
  const name = pathName(env);
  const own = join(root, "node_modules", ".bin");
  const rest = (env[name] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== own && !folders.includes(folder));
  env[name] = [...folders, own, ...rest].join(delimiter);
  return env;
}

/** Folder to put in front of PATH so that `node` means this one; none if it does already. @param {string} node @param {Environment} env */
export function nodeFolder(node, env) {
  const found = findProgram("node", env);
  return found !== undefined && realpathSync(found) === realpathSync(node) ? [] : [dirname(node)];
}

/**
 * Where PATH finds a program.
 *
 * @param {string} name Without extension.
 * @param {Environment} env
 * @returns {string | undefined}
 */
export function findProgram(name, env) {
  const endings = process.platform === "win32" ? [".exe"] : [""];
  for (const folder of (env[pathName(env)] ?? "").split(delimiter)) {
    if (folder === "") continue;
    for (const ending of endings) {
      const file = join(folder, name + ending);
      if (isProgram(file)) return file;
    }
  }
  return undefined;
}

/** @param {string} file */
function isProgram(file) {
  if (!existsSync(file) || !statSync(file).isFile()) return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Windows writes it `Path`, and a copy of the environment minds the case. @param {Environment} env */
function pathName(env) {
  return Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
}
