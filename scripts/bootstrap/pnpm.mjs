import { dirname, join } from "node:path";

import { attempt, mustRun } from "./command.mjs";
import { findProgram } from "./environment.mjs";
import { fetchTool, fetchedProgram } from "./npm-package.mjs";
import { platform, tools } from "./paths.mjs";
import { pnpmPackage, pnpmProgramIntegrity } from "./pins.mjs";

const folder = join(tools, `pnpm-${pnpmPackage.version}`);
const windows = process.platform === "win32";
const program = join("node_modules", "pnpm", windows ? "pnpm.exe" : "pnpm");

/** pnpm that was fetched before. @returns {string | undefined} */
export function readyPnpm() {
  return fetchedProgram(folder);
}

/** Folder to put in front of PATH for this pnpm. @param {string} pnpm @param {import("./environment.mjs").Environment} env */
export function pnpmFolder(pnpm, env) {
  return findProgram("pnpm", env) === pnpm ? [] : [dirname(pnpm)];
}

/**
 * pnpm 12: from PATH if it works there, else fetched.
 *
 * @param {import("./environment.mjs").Environment} env
 * @param {import("./steps.mjs").Steps} steps
 * @returns {Promise<string>} The program.
 */
export async function ensurePnpm(env, steps) {
  const ready = readyPnpm() ?? (await pnpmOnPath(env));
  if (ready !== undefined) return ready;
  await steps.run(`pnpm ${pnpmPackage.version}`, () =>
    fetchTool({ folder, program, packages: [pnpmPackage, programPackage()], check: finish(env) }, env, {
      what: `Could not fetch pnpm ${pnpmPackage.version} from the npm registry.`,
      todo: "Connect to the internet once and try again,\nor install Node 24 and pnpm 12 yourself, so that nothing has to be fetched.",
    }),
  );
  return join(folder, program);
}

/** A shim that cannot find its pnpm answers with an error: that is no pnpm. @param {import("./environment.mjs").Environment} env */
async function pnpmOnPath(env) {
  const found = findProgram("pnpm", env);
  if (found === undefined) return undefined;
  const { ok, stdout } = await attempt(found, ["--version"], { env, cwd: tools, timeout: 10_000 });
  return ok && stdout.trim().startsWith("12.") ? found : undefined;
}

/** Puts the program in the place of its placeholder, as pnpm's own install script would. @param {import("./environment.mjs").Environment} env */
function finish(env) {
  return async (/** @type {string} */ temporary) => {
    const message = {
      what: `pnpm ${pnpmPackage.version} from the npm registry does not run on this machine.`,
      todo: "Install pnpm 12 yourself and try again.",
    };
    const script = join(temporary, "node_modules", "pnpm", "install.js");
    await mustRun(process.execPath, [script], { env, cwd: dirname(script), ...message });
    await mustRun(join(temporary, program), ["--version"], {
      env,
      cwd: temporary,
      timeout: 30_000,
      ...message,
    });
  };
}

/** @returns {import("./pins.mjs").Package} */
function programPackage() {
  const name = isMusl() ? `${platform}-musl` : platform;
  const integrity = /** @type {Record<string, string | undefined>} */ (pnpmProgramIntegrity)[name];
  return { name: `@pnpm/exe.${name}`, version: pnpmPackage.version, integrity };
}

function isMusl() {
  if (process.platform !== "linux") return false;
  // Without it the report looks names up in the network.
  Object.assign(process.report, { excludeNetwork: true });
  const report = /** @type {any} */ (process.report.getReport());
  return report.header.glibcVersionRuntime === undefined;
}
