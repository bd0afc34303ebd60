import { readyDbt } from "./dbt.mjs";
import { nodeFolder, withPath, withoutNpm } from "./environment.mjs";
import { describe, failureOf } from "./failure.mjs";
import { refuseOtherInstallers } from "./install.mjs";
import { jobOf, runJob } from "./job.mjs";
import { readyNode } from "./node.mjs";
import { stopWithParent } from "./parent.mjs";
import { needsOf } from "./plan.mjs";
import { pnpmFolder, readyPnpm } from "./pnpm.mjs";
import { isReady, setUp } from "./set-up.mjs";
import { createSteps } from "./steps.mjs";

const usage = `Usage: npm start [-- flags]                 set up, then run the main job
       npm test [-- vitest flags]           set up, then run the quick tests
       npm run spacex-etl -- <command> …    set up, then the command line
       npm run workspace -- <program> …     a program with the workspace's tools on PATH
`;

/**
 * Sets up what a command needs and is not there yet, then runs it in our place.
 *
 * @param {readonly string[]} argv Mode, then the job's arguments.
 */
export async function main([mode = "", ...args]) {
  const needs = needsOf(mode, args);
  if (needs === undefined) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  stopWithParent();
  const steps = createSteps();
  try {
    refuseOtherInstallers();
    const env = withoutNpm(process.env);
    // A dbt that the person chose is used as it is.
    const wanted = { ...needs, dbt: needs.dbt && !env.SPACEX_ETL_DBT };
    if (!isReady(wanted, env)) await setUp(wanted, env, steps);
    const node = readyNode() ?? process.execPath;
    process.exitCode = await runJob(jobOf(mode, args, node), jobEnvironment(node, env));
  } catch (error) {
    steps.clear();
    stop(error);
  }
}

/** @param {string} node @param {import("./environment.mjs").Environment} env */
function jobEnvironment(node, env) {
  const pnpm = readyPnpm();
  const dbt = env.SPACEX_ETL_DBT || readyDbt();
  const folders = [...nodeFolder(node, env), ...(pnpm === undefined ? [] : pnpmFolder(pnpm, env))];
  return {
    // How the command line starts here, for the commands that it proposes.
    SPACEX_ETL_INVOCATION: "npm run spacex-etl --",
    ...withPath(env, folders),
    ...(dbt === undefined ? {} : { SPACEX_ETL_DBT: dbt }),
  };
}

/** @param {unknown} error */
function stop(error) {
  const known = failureOf(error);
  process.exitCode = known === undefined ? 70 : (known.exitCode ?? 1);
  if (known !== undefined) process.stderr.write(describe(known));
  else
    process.stderr.write(
      `✖ A fault in the set-up, please report it:\n${error instanceof Error ? error.stack : error}\n`,
    );
}
