import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The clone. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Everything that the suites fetch or make outside node_modules; git-ignored, may be deleted at any time. */
export const TOOLS = join(ROOT, ".tools");

/** The scope of every package of the workspace. */
export const SCOPE = "@spacex-etl/";

/** What the suites read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly publishConfig?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface WorkspacePackage {
  /** The folder's name, which is the package's name without its scope. */
  readonly name: string;
  readonly path: string;
  readonly manifest: Manifest;
}

/** The packages that are published, by name. */
export function publicPackages(): readonly WorkspacePackage[] {
  const folder = join(ROOT, "packages");
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, path: join(folder, name), manifest: readManifest(join(folder, name)) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** The package.json of a folder. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** The doors of a package, as a user imports them: `@spacex-etl/x` and `@spacex-etl/x/door`. */
export function doorsOf({ name, exports = {} }: Manifest): readonly string[] {
  return Object.keys(exports)
    .filter((subpath) => subpath !== "./package.json")
    .map((subpath) => (subpath === "." ? name : `${name}/${subpath.slice(2)}`));
}

/**
 * The exact version that the workspace itself uses of a package: its entry in the catalog of pnpm-workspace.yaml.
 *
 * @throws If the catalog has no such entry.
 */
export function catalogVersion(name: string): string {
  const yaml = readFileSync(join(ROOT, "pnpm-workspace.yaml"), "utf8");
  const catalog = /^catalog:\n((?: +.*\n|\n)*)/m.exec(yaml)?.[1] ?? "";
  const entries = [...catalog.matchAll(/^ +["']?([^"':]+)["']?: (.+)$/gm)];
  const version = entries.find(([, key]) => key === name)?.[2]?.trim();
  if (version === undefined) throw new Error(`The catalog in pnpm-workspace.yaml has no ${name}.`);
  return version;
}
