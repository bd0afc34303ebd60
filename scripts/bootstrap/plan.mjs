/**
 * What a command needs before it can run.
 *
 * @typedef {object} Needs
 * @property {boolean} packages
 * @property {boolean} build
 * @property {boolean} dbt
 */

/** Commands of the command line that start dbt. */
const transforming = new Set(["run", "transform"]);

/** @param {string} mode @param {readonly string[]} args @returns {Needs | undefined} Undefined for an unknown mode. */
export function needsOf(mode, args) {
  const transforms = !args.some((arg) => arg === "--no-transform" || arg === "--help" || arg === "-h");
  switch (mode) {
    case "start":
      return { packages: true, build: true, dbt: transforms };
    case "spacex-etl":
      return { packages: true, build: true, dbt: transforms && transforming.has(args[0] ?? "") };
    case "test":
      return { packages: true, build: true, dbt: true };
    case "exec":
      // pnpm is how the lock file is brought up to date, so it has to run while the packages cannot be installed.
      return args.length === 0 ? undefined : { packages: args[0] !== "pnpm", build: false, dbt: false };
    default:
      return undefined;
  }
}
