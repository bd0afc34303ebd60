import { readdirSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

import { build, isBuilt } from "./build.mjs";
import { stopChildren, watchChildren } from "./command.mjs";
import { installDbt, readyDbt } from "./dbt.mjs";
import { findProgram, nodeFolder, withPath } from "./environment.mjs";
import { failure } from "./failure.mjs";
import { install, isInstalled } from "./install.mjs";
import { takeLock } from "./lock.mjs";
import { ensureNode, readyNode } from "./node.mjs";
import { temporaryPrefix } from "./npm-package.mjs";
import { tools } from "./paths.mjs";
import { ensurePnpm, pnpmFolder, readyPnpm } from "./pnpm.mjs";
import { findPython } from "./python.mjs";

const signals = /** @type {const} */ (["SIGINT", "SIGTERM"]);
const again = "What is complete is kept: run the same command again.";

/**
 * Whether a command may start at once. Cheap: it reads stamps and file times and starts nothing.
 *
 * @param {import("./plan.mjs").Needs} needs
 * @param {import("./environment.mjs").Environment} env
 */
export function isReady(needs, env) {
  return (
    readyNode() !== undefined &&
    (readyPnpm() ?? findProgram("pnpm", env)) !== undefined &&
    (!needs.packages || isInstalled()) &&
    (!needs.build || isBuilt()) &&
    (!needs.dbt || readyDbt() !== undefined)
  );
}

/**
 * Makes what is missing, the workspace and dbt side by side. A signal stops the tools at work and is a failure.
 *
 * @param {import("./plan.mjs").Needs} needs
 * @param {import("./environment.mjs").Environment} env
 * @param {import("./steps.mjs").Steps} steps
 */
export async function setUp(needs, env, steps) {
  // Before anything is fetched: a person who has to bring Python should hear so at once.
  const python = needs.dbt && readyDbt() === undefined ? await findPython(env) : undefined;
  /** @type {Error | undefined} */
  let ended;
  const end = (/** @type {Error} */ why) => {
    ended ??= why;
    void stopChildren();
  };
  const lock = await takeLock(join(tools, "lock"), {
    onWait: (pid) => steps.say(`Waiting for another set-up in this clone (process ${pid}) …`),
    onLost: () =>
      end(failure({ what: "Another set-up took over while this one was suspended.", todo: again })),
  });
  watchChildren(lock.note);
  const interrupt = (/** @type {NodeJS.Signals} */ signal) =>
    end(failure({ what: `Stopped by ${signal}.`, todo: again, exitCode: 128 + constants.signals[signal] }));
  for (const signal of signals) process.on(signal, interrupt);
  try {
    removeLeftovers();
    const nothingButTheLock = readdirSync(tools).length === 1;
    if (nothingButTheLock) steps.say("Setting spacex-etl up in this clone; it takes about a minute, once.");
    const work = [setUpWorkspace(needs, env, steps)];
    if (python !== undefined && readyDbt() === undefined) work.push(installDbt(python, env, steps));
    await allOrStop(work);
  } catch (error) {
    // That the stopped tools failed is no news.
    throw ended ?? error;
  } finally {
    lock.release();
    for (const signal of signals) process.off(signal, interrupt);
  }
  if (ended !== undefined) throw ended;
}

/**
 * @param {import("./plan.mjs").Needs} needs
 * @param {import("./environment.mjs").Environment} env
 * @param {import("./steps.mjs").Steps} steps
 */
async function setUpWorkspace(needs, env, steps) {
  const [node, pnpm] = await Promise.all([ensureNode(env, steps), ensurePnpm(env, steps)]);
  const own = withPath(env, [...nodeFolder(node, env), ...pnpmFolder(pnpm, env)]);
  if (needs.packages) await install(pnpm, own, steps);
  if (needs.build) await build(node, own, steps);
}

/** At the first failure stops the tools that are still at work, then fails. @param {readonly Promise<void>[]} work */
async function allOrStop(work) {
  try {
    await Promise.all(work);
  } catch (error) {
    await stopChildren();
    await Promise.allSettled(work);
    throw error;
  }
}

function removeLeftovers() {
  for (const name of readdirSync(tools)) {
    if (name.startsWith(temporaryPrefix)) rmSync(join(tools, name), { recursive: true, force: true });
  }
}
