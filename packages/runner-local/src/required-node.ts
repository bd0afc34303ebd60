/**
 * What to tell who starts the program on a Node that is too old, undefined on any other. npm only warns of it.
 *
 * @param version as in `process.versions.node`
 * @param range of `engines.node`: `>=22.18`
 */
export function nodeProblem(version: string, range: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [requiredMajor = 0, requiredMinor = 0] = range.replace(">=", "").split(".").map(Number);
  if (major > requiredMajor || (major === requiredMajor && minor >= requiredMinor)) return undefined;
  return (
    `error spacex-etl needs Node ${requiredMajor}.${requiredMinor} or newer; this is Node ${version}.\n` +
    ` next Install a newer one (https://nodejs.org), or run it with one: npx -p node@24 -p @spacex-etl/runner-local spacex-etl\n`
  );
}
