import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import {
  cleanEnvironment,
  command,
  type CommandOptions,
  type CommandResult,
  type Environment,
  mustRun,
} from "./command.ts";
import { startRegistry } from "./registry.ts";
import type { Tarball } from "./tarballs.ts";
import { catalogVersion, SCOPE, TOOLS } from "./workspace-packages.ts";

/** npm's cache of all packed projects: a second run needs no network. */
const CACHE = join(TOOLS, "npm-cache");

export interface PackedProjectOptions {
  /** What was packed; in a test `inject("tarballs")`. */
  readonly tarballs: readonly Tarball[];
  /** Names without scope of what the project asks for. What these need comes by itself. */
  readonly packages: readonly string[];
  /** Other packages at the workspace's own versions (`["zod"]`), or by range (`{ zod: "^4" }`). Default: none. */
  readonly dependencies?: readonly string[] | Readonly<Record<string, string>>;
  /** Leaves out peers that nobody asked for, as `npm install --legacy-peer-deps` does. Default: false. */
  readonly withoutPeers?: boolean;
}

export interface ProgramOptions {
  /** Relative to the project, or absolute. Default: the project. */
  readonly cwd?: string;
  /** Added to the clean environment. */
  readonly env?: Environment;
}

/** An empty project outside of the clone, with packages installed from their tarballs by plain npm. */
export interface PackedProject extends AsyncDisposable {
  readonly path: string;
  /** What npm printed. */
  readonly installed: string;
  /** Writes a file, relative to the project. */
  write(file: string, text: string): void;
  /** Runs Node in the project, in a clean environment. */
  node(args: readonly string[], options?: ProgramOptions): Promise<CommandResult>;
  /** Runs a program that an installed package brought (`spacex-etl`), as `npx` would, in the same environment. */
  bin(name: string, args: readonly string[], options?: ProgramOptions): Promise<CommandResult>;
  /** Whether a package is in node_modules, at its top. */
  has(name: string): boolean;
  /** The version of an installed package. */
  version(name: string): string;
}

/** Makes the project and runs `npm install`. The caller disposes of it (`await using`). */
export async function packedProject(options: PackedProjectOptions): Promise<PackedProject> {
  const path = mkdtempSync(join(tmpdir(), "spacex-etl-project-"));
  try {
    const installed = await install(path, options);
    return project(path, installed);
  } catch (error) {
    remove(path);
    throw error;
  }
}

async function install(path: string, options: PackedProjectOptions): Promise<string> {
  await using registry = await startRegistry(options.tarballs);
  const own = options.packages.map((name) => {
    const tarball = options.tarballs.find((candidate) => candidate.name === name);
    if (tarball === undefined) throw new Error(`No public package is called ${name}.`);
    return [SCOPE + name, tarball.manifest.version] as const;
  });
  const { dependencies: wanted = [] } = options;
  const others = isList(wanted) ? wanted.map((name) => [name, catalogVersion(name)]) : Object.entries(wanted);
  const manifest = {
    name: "project",
    version: "1.0.0",
    private: true,
    type: "module",
    dependencies: Object.fromEntries([...own, ...others]) as Record<string, string>,
  };
  writeFileSync(join(path, "package.json"), JSON.stringify(manifest, null, 2));
  writeFileSync(join(path, ".npmrc"), `${SCOPE.slice(0, -1)}:registry=${registry.url}\n`);
  const flags = [
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    `--cache=${CACHE}`,
    ...(options.withoutPeers === true ? ["--legacy-peer-deps"] : []),
  ];
  const { output } = await mustRun("npm", ["install", ...flags], { cwd: path, env: cleanEnvironment() });
  return output;
}

function isList(wanted: readonly string[] | Readonly<Record<string, string>>): wanted is readonly string[] {
  return Array.isArray(wanted);
}

function project(path: string, installed: string): PackedProject {
  const place = ({ cwd = ".", env = {} }: ProgramOptions = {}): CommandOptions => ({
    cwd: resolve(path, cwd),
    env: { ...cleanEnvironment(), ...env },
  });
  const folderOf = (name: string): string => join(path, "node_modules", ...name.split("/"));
  return {
    path,
    installed,
    write: (file, text) => {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), text);
    },
    node: (args, options) => command(process.execPath, args, place(options)),
    bin: (name, args, options) => command(join(path, "node_modules", ".bin", name), args, place(options)),
    has: (name) => existsSync(folderOf(name)),
    version: (name) =>
      (JSON.parse(readFileSync(join(folderOf(name), "package.json"), "utf8")) as { version: string }).version,
    [Symbol.asyncDispose]: () => Promise.resolve(remove(path)),
  };
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}
