/**
 * What it costs to install and to import each package: every tarball alone in an empty project. Writes the table into
 * docs/packages.md, between the markers. Run it by hand on a quiet machine:
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/packages.ts
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  buildWorkspace,
  cleanEnvironment,
  doorsOf,
  packAll,
  packedProject,
  ROOT,
  SCOPE,
  type Tarball,
} from "../tests/packages/harness/index.ts";

const ROUNDS = 7;
const PAGE = join(ROOT, "docs", "packages.md");

export interface PackageCost {
  /** Without its scope. */
  readonly name: string;
  /** Size of the unpacked package, in bytes. */
  readonly ownBytes: number;
  /** Size of the whole node_modules, in bytes. */
  readonly allBytes: number;
  /** Packages in node_modules, itself included. */
  readonly packages: number;
  /** Milliseconds that a fresh process needs to import each door, over those of an empty one: the median. */
  readonly imports: readonly { readonly door: string; readonly milliseconds: number }[];
}

/** Installs and imports each package. */
export async function measurePackages(): Promise<readonly PackageCost[]> {
  const folder = mkdtempSync(join(tmpdir(), "spacex-etl-sizes-"));
  try {
    await buildWorkspace();
    const tarballs = await packAll(join(folder, "packed"));
    const costs: PackageCost[] = [];
    for (const { name, manifest } of tarballs) costs.push(await costOf(name, doorsOf(manifest), tarballs));
    return costs;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function costOf(
  name: string,
  doors: readonly string[],
  tarballs: readonly Tarball[],
): Promise<PackageCost> {
  await using project = await packedProject({ tarballs, packages: [name] });
  const modules = join(project.path, "node_modules");
  const lock = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")) as {
    readonly packages: object;
  };
  return {
    name,
    ownBytes: sizeOf(join(modules, SCOPE + name)),
    allBytes: sizeOf(modules),
    packages: Object.keys(lock.packages).length,
    // The testing doors are for projects that have vitest.
    imports: doors
      .filter((door) => !door.endsWith("/testing"))
      .map((door) => ({ door, milliseconds: coldImport(project.path, door) })),
  };
}

/** The empty process and the one with the import take turns, so that noise meets both. */
function coldImport(cwd: string, door: string): number {
  const empty: number[] = [];
  const full: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    empty.push(millisecondsOf(cwd, ""));
    full.push(millisecondsOf(cwd, `import ${JSON.stringify(door)};`));
  }
  return Math.max(0, median(full) - median(empty));
}

function millisecondsOf(cwd: string, program: string): number {
  const started = performance.now();
  const args = ["--input-type=module", "--eval", program];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd,
    env: cleanEnvironment() as NodeJS.ProcessEnv,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}:\n${stderr}`);
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** The page with the figures in it; all outside of the markers stays. */
export function withFigures(page: string, costs: readonly PackageCost[], commit: string): string {
  const begin = "<!-- figures: bench/packages.ts -->";
  const end = "<!-- /figures -->";
  if (!page.includes(begin) || !page.includes(end)) throw new Error(`${PAGE} has lost its markers.`);
  const table = aligned([
    ["package", "unpacked", "with what it needs", "packages", "import, ms"],
    ...costs.map(({ name, ownBytes, allBytes, packages, imports }) => {
      const times = imports.map(({ door, milliseconds }) => {
        const subpath = door.slice(`${SCOPE}${name}`.length);
        return `${subpath === "" ? "" : `\`.${subpath}\` `}${milliseconds.toFixed(0)}`;
      });
      return [
        `\`${SCOPE}${name}\``,
        kilobytes(ownBytes),
        megabytes(allBytes),
        `${packages}`,
        times.join(", "),
      ];
    }),
  ]);
  const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} cores, at commit ${commit}.`;
  return (
    page.slice(0, page.indexOf(begin) + begin.length) +
    `\n\n${table}\n\n${machine}\n\n` +
    page.slice(page.indexOf(end))
  );
}

/** Rows of Markdown with columns of one width each, as the formatter wants them; the first row is the head. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000).toLocaleString("en-US")} kB`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function headCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--", "packages") !== "";
  return `${git("rev-parse", "--short", "HEAD")}${changed ? " with later changes" : ""}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const costs = await measurePackages();
  writeFileSync(PAGE, withFigures(readFileSync(PAGE, "utf8"), costs, headCommit()));
  for (const { name, ownBytes, allBytes, packages, imports } of costs) {
    const times = imports.map(({ door, milliseconds }) => `${door} ${milliseconds.toFixed(0)} ms`);
    console.log(
      `${name}: ${kilobytes(ownBytes)}, ${megabytes(allBytes)} in ${packages} packages; ${times.join(", ")}`,
    );
  }
}
