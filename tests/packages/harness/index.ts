/**
 * Packed packages in an empty project. A test in tests/packages/*.test.ts (vitest project "packages") writes
 *
 *     import { inject } from "vitest";
 *     import { packedProject } from "./harness/index.ts";
 *
 *     await using project = await packedProject({
 *       tarballs: inject("tarballs"),        // built and packed once, by harness/global-setup.ts
 *       packages: ["runner-local"],          // without scope; what they depend on comes by itself
 *       dependencies: ["zod"],               // at the catalog's versions, or { zod: "^4.6.7" }
 *     });
 *     const { code, output } = await project.bin("spacex-etl", ["run", "--no-transform"]);
 *
 * `bin(name, args, { cwd, env })` and `node(args, { cwd, env })` run in a clean environment, in which SPACEX_API_URL, SPACEX_ETL_DBT and the like are
 * missing: what a program needs of them is given with the call. No test may reach the live API.
 */
export {
  cleanEnvironment,
  command,
  type CommandResult,
  type Environment,
  mustRun,
  workspaceEnvironment,
} from "./command.ts";
export {
  type PackedProject,
  packedProject,
  type PackedProjectOptions,
  type ProgramOptions,
} from "./packed-project.ts";
export { buildWorkspace, packAll, type Tarball, unpack } from "./tarballs.ts";
export { installedSimulator, type RunningSimulator } from "./installed-simulator.ts";
export {
  catalogVersion,
  doorsOf,
  type Manifest,
  publicPackages,
  readManifest,
  ROOT,
  SCOPE,
  type WorkspacePackage,
} from "./workspace-packages.ts";
