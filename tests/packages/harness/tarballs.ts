import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { command, mustRun, workspaceEnvironment } from "./command.ts";
import { type Manifest, publicPackages, ROOT } from "./workspace-packages.ts";

/** A package as it would be published. */
export interface Tarball {
  /** Without its scope. */
  readonly name: string;
  /** The package.json inside, with `workspace:` and `catalog:` already turned into ranges. */
  readonly manifest: Manifest;
  /** The .tgz file. */
  readonly path: string;
  /** Subresource integrity of the file. */
  readonly integrity: string;
  /** Paths inside, without the leading `package/`, sorted. */
  readonly files: readonly string[];
}

/** Builds what is not built, as every command of the workspace does. */
export async function buildWorkspace(): Promise<void> {
  const turbo = join(ROOT, "node_modules", "turbo", "bin", "turbo");
  await mustRun(process.execPath, [turbo, "run", "build", "--output-logs=errors-only", "--ui=stream"], {
    cwd: ROOT,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
  });
}

/**
 * Packs every public package, as it was built, into the folder, which is emptied first.
 *
 * @param folder An absolute path.
 */
export async function packAll(folder: string): Promise<readonly Tarball[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tarballs: Tarball[] = [];
  for (const { name, path } of publicPackages()) tarballs.push(await pack(name, path, folder));
  return tarballs;
}

async function pack(name: string, path: string, folder: string): Promise<Tarball> {
  const { stdout } = await mustRun("pnpm", ["pack", "--json", "--pack-destination", folder], {
    cwd: path,
    env: workspaceEnvironment(),
  });
  const { filename } = JSON.parse(stdout) as { readonly filename: string };
  const env = process.env;
  const listed = await mustRun("tar", ["-tzf", filename], { cwd: folder, env });
  const manifest = await mustRun("tar", ["-xzOf", filename, "package/package.json"], { cwd: folder, env });
  return {
    name,
    manifest: JSON.parse(manifest.stdout) as Manifest,
    path: filename,
    integrity: `sha512-${createHash("sha512").update(readFileSync(filename)).digest("base64")}`,
    files: listed.stdout
      .split(/\r?\n/)
      .filter((line) => line !== "" && !line.endsWith("/"))
      .map((line) => line.replace(/^package\//, ""))
      .sort(),
  };
}

/** Unpacks a tarball, so that the folder holds what a user finds in node_modules. */
export async function unpack(tarball: Tarball, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { code, output } = await command(
    "tar",
    ["-xzf", tarball.path, "-C", folder, "--strip-components=1"],
    { cwd: folder, env: process.env },
  );
  if (code !== 0) throw new Error(`${tarball.path} cannot be unpacked:\n${output}`);
}
