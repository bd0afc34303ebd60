import { type Dirent, existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** Versions of the Python packages that a dbt has, by name with dashes; undefined where they cannot be told. */
export type PythonPackages = ReadonlyMap<string, string> | undefined;

/**
 * What is installed beside a dbt, read from the names of the folders that installers leave (`<name>-<version>.dist-info`,
 * packaging.python.org, "Recording installed projects"). No Python is started: that takes longer than everything else
 * that is checked before a run.
 *
 * @param executable the dbt command
 * @param interpreter what its first line names, if it is a script
 * @returns undefined of anything but an environment that holds dbt itself, such as a wrapper script
 */
export function installedBeside(executable: string, interpreter: string | undefined): PythonPackages {
  const roots = [
    // The Python of an environment is a link to another one: its own path says where the packages are.
    ...(interpreter === undefined ? [] : [dirname(dirname(interpreter))]),
    dirname(dirname(realpathSync(executable))),
  ];
  for (const folder of roots.flatMap(packageFolders)) {
    const packages = readPackages(folder);
    if (packages.has("dbt-core")) return packages;
  }
  return undefined;
}

function packageFolders(root: string): string[] {
  const versions = entriesOf(join(root, "lib")).filter(({ name }) => name.startsWith("python"));
  return [
    ...versions.map(({ name }) => join(root, "lib", name, "site-packages")),
    join(root, "Lib", "site-packages"),
  ].filter((folder) => existsSync(folder));
}

function readPackages(folder: string): Map<string, string> {
  const packages = new Map<string, string>();
  for (const { name } of entriesOf(folder)) {
    const found = /^([A-Za-z0-9._]+)-([^-]+)\.dist-info$/.exec(name);
    if (found === null) continue;
    const [, distribution = "", version = ""] = found;
    packages.set(distribution.toLowerCase().replace(/[._]+/g, "-"), version);
  }
  return packages;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
