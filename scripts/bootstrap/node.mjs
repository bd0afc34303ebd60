import { join } from "node:path";

import { mustRun } from "./command.mjs";
import { failure } from "./failure.mjs";
import { fetchTool, fetchedProgram } from "./npm-package.mjs";
import { platform, tools } from "./paths.mjs";
import { nodePackages } from "./pins.mjs";

/**
 * Whether the workspace runs on this Node. The ranges are those of tsup and vitest: 22.18 is the first that runs
 * TypeScript without a flag, 24.11 the first long-term release of 24; odd majors have no long-term release.
 *
 * @param {string} version Without a leading v.
 */
export function isGoodNode(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major === 22) return minor >= 18;
  if (major === 24) return minor >= 11;
  return major >= 26 && major % 2 === 0;
}

/** A Node that is good and needs no fetching: the one that runs us, or one fetched before. @returns {string | undefined} */
export function readyNode() {
  if (isGoodNode(process.versions.node)) return process.execPath;
  const pin = nodePackages[platform];
  return pin === undefined ? undefined : fetchedProgram(folderOf(pin));
}

/**
 * @param {import("./environment.mjs").Environment} env
 * @param {import("./steps.mjs").Steps} steps
 * @returns {Promise<string>} The program.
 */
export async function ensureNode(env, steps) {
  const ready = readyNode();
  if (ready !== undefined) return ready;
  const pin = nodePackages[platform];
  const own = `or install Node 24 and pnpm 12 yourself, so that nothing has to be fetched.`;
  if (pin === undefined) {
    throw failure({
      what: `Node ${process.versions.node} is too old for the build, and npm has no Node for ${platform}.`,
      todo: "Install Node 24 yourself and try again.",
      exitCode: 2,
    });
  }
  const folder = folderOf(pin);
  const program = join("node_modules", pin.name, "bin", process.platform === "win32" ? "node.exe" : "node");
  const fetched = {
    what: `Could not fetch Node ${pin.version} from the npm registry (this is Node ${process.versions.node}; the build needs 22.18 or 24).`,
    todo: `Connect to the internet once and try again,\n${own}`,
  };
  const works = {
    what: `Node ${pin.version} from the npm registry does not run on this machine.`,
    todo: "Install Node 24 yourself and try again.",
  };
  await steps.run(`Node ${pin.version}`, () =>
    fetchTool(
      {
        folder,
        program,
        packages: [pin],
        check: async (temporary) => {
          await mustRun(join(temporary, program), ["--version"], { env, timeout: 30_000, ...works });
        },
      },
      env,
      fetched,
    ),
  );
  return join(folder, program);
}

/** @param {import("./pins.mjs").Package} pin */
function folderOf(pin) {
  return join(tools, `node-${pin.version}`);
}
