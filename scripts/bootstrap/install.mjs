import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { mustRun } from "./command.mjs";
import { failure } from "./failure.mjs";
import { root, tools } from "./paths.mjs";
import { hashContents, readStamp, removeStamp, writeStamp } from "./stamp.mjs";
import { packageFolders } from "./workspace.mjs";

const stamp = join(tools, "install.stamp");

/** A habitual `npm install` leaves a lock file that turbo refuses and that nobody reads. */
export function refuseOtherInstallers() {
  if (!existsSync(join(root, "package-lock.json"))) return;
  throw failure({
    what: "package-lock.json is in the clone: `npm install` was run here, but pnpm installs this workspace.",
    todo: "Remove package-lock.json and node_modules, then run the same command again.\n`npm start` and `npm test` install everything; `npm install` is never needed.",
    exitCode: 2,
  });
}

export function isInstalled() {
  return readStamp(stamp) === whatIsInstalled();
}

/**
 * @param {string} pnpm
 * @param {import("./environment.mjs").Environment} env
 * @param {import("./steps.mjs").Steps} steps
 */
export async function install(pnpm, env, steps) {
  if (isInstalled()) return;
  removeStamp(stamp);
  const before = filesHash();
  await steps.run("Packages", () =>
    mustRun(pnpm, ["install", "--frozen-lockfile", "--prefer-offline"], {
      env,
      cwd: root,
      what: "`pnpm install` failed.",
      todo:
        "If it could not reach the registry: connect to the internet once and try again.\n" +
        "If the lock file is out of date: npm run workspace -- pnpm install",
    }),
  );
  // A file that was edited meanwhile may or may not be in the install: then the next start asks pnpm again.
  if (filesHash() === before) writeStamp(stamp, whatIsInstalled());
}

/** The files that say what is to be installed, and the trace that pnpm leaves of its last install. */
function whatIsInstalled() {
  const modules = packageFolders().filter((name) => existsSync(join(root, name, "node_modules")));
  const trace = statSync(join(root, "node_modules", ".modules.yaml"), { throwIfNoEntry: false });
  return JSON.stringify({ root, files: filesHash(), modules, trace: trace?.mtimeMs ?? "absent" });
}

function filesHash() {
  const manifests = packageFolders().map((name) => `${name}/package.json`);
  return hashContents(root, ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests]);
}
