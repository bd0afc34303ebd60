import { existsSync } from "node:fs";
import { join } from "node:path";

import { mustRun } from "./command.mjs";
import { cli, root, tools } from "./paths.mjs";
import { hashTimes, readStamp, removeStamp, writeStamp } from "./stamp.mjs";
import { packageFolders } from "./workspace.mjs";

const stamp = join(tools, "build.stamp");

/** What no build reads. */
const skipped = new Set(["node_modules", "dist", ".turbo", "coverage"]);

/** Files outside the packages that turbo takes into account. */
const shared = ["package.json", "pnpm-lock.yaml", "turbo.json", "tsconfig.base.json", "tsup.base.ts"];

export function isBuilt() {
  return readStamp(stamp) === JSON.stringify({ inputs: inputs(), outputs: outputs() }) && existsSync(cli);
}

/**
 * turbo decides what is to be built; asking it costs most of a second, so it is asked only if a file changed.
 *
 * @param {string} node
 * @param {import("./environment.mjs").Environment} env
 * @param {import("./steps.mjs").Steps} steps
 */
export async function build(node, env, steps) {
  if (isBuilt()) return;
  removeStamp(stamp);
  const before = inputs();
  const turbo = join(root, "node_modules", "turbo", "bin", "turbo");
  await steps.run("Build", () =>
    mustRun(node, [turbo, "run", "build", "--output-logs=errors-only", "--ui=stream"], {
      env,
      cwd: root,
      what: "The build failed.",
      todo: "Correct the error above. In a fresh clone this should not happen: please report it with these lines.",
    }),
  );
  // A file that was edited meanwhile may or may not be in the build: then the next start asks turbo again.
  if (inputs() === before) writeStamp(stamp, JSON.stringify({ inputs: before, outputs: outputs() }));
}

function inputs() {
  return hashTimes(root, [...shared, ...packageFolders()], (name) => skipped.has(name));
}

function outputs() {
  return hashTimes(
    root,
    packageFolders().map((folder) => `${folder}/dist`),
  );
}
