/**
 * Why the set-up stopped, for a person: what happened, and what to do next.
 *
 * @typedef {object} Failure
 * @property {string} what One line.
 * @property {string} todo The next step, one or more lines.
 * @property {readonly string[]} [output] The last lines of the tool that failed.
 * @property {number} [exitCode] 2 for a prerequisite that the person must bring, 1 (the default) for a step that failed.
 */

const brand = Symbol("spacex-etl set-up failure");

/** An error that `describe` prints without a stack. @param {Failure} failure @param {unknown} [cause] */
export function failure(failure, cause) {
  return Object.assign(new Error(failure.what, { cause }), { [brand]: true, failure });
}

/**
 * The failure that an error stands for: our own, one of the file system, or undefined for a bug.
 *
 * @param {unknown} error
 * @returns {Failure | undefined}
 */
export function failureOf(error) {
  if (!(error instanceof Error)) return undefined;
  if (brand in error) return /** @type {any} */ (error).failure;
  const { code, path } = /** @type {NodeJS.ErrnoException} */ (error);
  const todo = typeof code === "string" ? fileSystemHints[code] : undefined;
  return todo === undefined ? undefined : { what: `Cannot use ${path ?? "a file"}: ${error.message}`, todo };
}

/** @type {Readonly<Record<string, string>>} */
const fileSystemHints = {
  EACCES: "Make the folder of the clone writable for you, or clone into a folder that is.",
  EPERM: "Make the folder of the clone writable for you, or clone into a folder that is.",
  EROFS: "The clone is on a read-only file system: clone into a folder that is writable.",
  ENOSPC: "The disk is full: the set-up needs about 1.5 GB.",
  EDQUOT: "Your quota is used up: the set-up needs about 1.5 GB.",
};

/** @param {Failure} failure */
export function describe({ what, todo, output = [] }) {
  const indent = (/** @type {string} */ line) => `  ${line}`;
  return [`✖ ${what}`, ...output.map((line) => `  │ ${line}`), ...todo.split("\n").map(indent), ""].join(
    "\n",
  );
}
