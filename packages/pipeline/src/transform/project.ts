import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { EtlError } from "@spacex-etl/contracts/errors";

/** Folders that dbt or a person makes inside a project; they do not change what it builds. */
const NOT_PROJECT = new Set(["target", "logs", "dbt_packages", "node_modules", "__pycache__"]);

/** Where the build puts its copy of the project, relative to the package. */
export const PACKAGED_PROJECT = join("dist", "dbt");

/** Name of the workspace that this package is developed in. */
const WORKSPACE = "spacex-etl-workspace";

/**
 * The folder of the dbt project: the configured one, or the one that comes with spacex-etl: in a clone the folder that
 * people edit, else the copy inside this package. Where the program is started makes no difference.
 *
 * @throws EtlError of kind `usage` where there is none.
 */
export function findProject(configured: string | undefined): string {
  const candidates = configured === undefined ? ownProjects() : [configured];
  const found = candidates.find((folder) => existsSync(join(folder, "dbt_project.yml")));
  if (found !== undefined) return found;
  throw new EtlError({
    kind: "usage",
    code: "DBT_PROJECT_MISSING",
    message:
      configured === undefined
        ? "The dbt project is not there."
        : `There is no dbt_project.yml in ${configured}.`,
    hint: "Name the folder of the dbt project with --dbt-project, or leave transform out with --no-transform.",
  });
}

/** A lock file of the Python packages that our own project needs; undefined where it did not come along. */
export function ownRequirementsLock(name: string): string | undefined {
  return ownProjects()
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}

/** The built file and its source lie at different depths of the package. */
function ownProjects(): string[] {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  const workspace = join(folder, "..", "..");
  return [
    // An installed package has somebody else's project around it.
    ...(nameIn(workspace) === WORKSPACE ? [join(workspace, "dbt")] : []),
    join(folder, PACKAGED_PROJECT),
  ];
}

function nameIn(folder: string): unknown {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return (manifest as { readonly name?: unknown } | null)?.name;
  } catch {
    return undefined;
  }
}

/** What decides what is built: neither prose (docs of models are comments in the warehouse) nor lock files. */
const BUILT_FROM = /\.(sql|ya?ml|csv)$/;

/** Equal while no file changes that the project is built from. */
export async function hashProject(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of await projectFiles(folder)) {
    if (!BUILT_FROM.test(file)) continue;
    hash.update(`${relative(folder, file).split(sep).join("/")}\0`);
    hash.update(
      createHash("sha256")
        .update(await readFile(file))
        .digest(),
    );
  }
  return hash.digest("hex");
}

/** The files that make a project, with their paths, in order: what travels with this package. */
export async function projectFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!NOT_PROJECT.has(entry.name)) files.push(...(await projectFiles(path)));
    } else if (/\.(sql|yml|yaml|csv|md|lock)$/.test(entry.name)) {
      files.push(path);
    }
  }
  return files.sort();
}
