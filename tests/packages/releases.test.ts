import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  cleanEnvironment,
  type Environment,
  type Manifest,
  mustRun,
  publicPackages,
  readManifest,
  ROOT,
  SCOPE,
} from "./harness/index.ts";

/** A copy of what a release reads and writes, in a repository of its own: nothing here touches the clone. */
let copy: string;

const changeset = join(ROOT, "node_modules", "@changesets", "cli", "bin.js");
const packages = publicPackages();

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), "spacex-etl-release-"));
  for (const name of ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", ".oxfmtrc.json", "LICENSE"]) {
    cpSync(join(ROOT, name), join(copy, name));
  }
  // The formatter is started through pnpm, which would set up the copy first.
  const config = JSON.parse(readFileSync(join(ROOT, ".changeset", "config.json"), "utf8")) as object;
  mkdirSync(join(copy, ".changeset"));
  writeFileSync(join(copy, ".changeset", "config.json"), JSON.stringify({ ...config, format: false }));
  cpSync(join(ROOT, "scripts", "set-repository.ts"), join(copy, "scripts", "set-repository.ts"), {
    recursive: true,
  });
  for (const folder of [...packages.map(({ name }) => `packages/${name}`), "tests", "bench"]) {
    const manifest = join(folder, "package.json");
    cpSync(join(ROOT, manifest), join(copy, manifest), { recursive: true });
  }
  // Nothing but what writes the changelogs: pnpm, were it ever started here, must find no way into the clone.
  mkdirSync(join(copy, "node_modules", "@changesets"), { recursive: true });
  const cli = join("node_modules", "@changesets", "cli");
  symlinkSync(realpathSync(join(ROOT, cli)), join(copy, cli), "junction");
  writeFileSync(join(copy, ".gitignore"), "node_modules\n");
  writeFileSync(
    join(copy, ".changeset", "one.md"),
    `---\n"@spacex-etl/lake-writers": minor\n---\n\nLakes learn to swim.\n`,
  );
  for (const args of [
    ["init", "--quiet", "--initial-branch=main"],
    ["add", "."],
    [...author, "commit", "-qm", "All"],
  ]) {
    await run("git", args);
  }
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true, maxRetries: 3 }));

describe("a release", () => {
  test("raises every public package, though one changed", async () => {
    const before = packages.map(({ manifest }) => manifest.version);
    expect(new Set(before).size).toBe(1);

    await run(process.execPath, [changeset, "status", "--output=plan.json"]);
    const plan = JSON.parse(readFileSync(join(copy, "plan.json"), "utf8")) as {
      readonly releases: readonly { readonly name: string }[];
    };
    const planned = plan.releases.map(({ name }) => name).filter((name) => name.startsWith(SCOPE));
    expect(planned.toSorted()).toEqual(packages.map(({ manifest }) => manifest.name));

    await run(process.execPath, [changeset, "version"]);

    const next = nextMinor(before[0] ?? "");
    for (const { name, manifest } of packages) {
      expect(manifestOf(name).version, name).toBe(next);
      expect(read(name, "CHANGELOG.md")).toMatch(
        new RegExp(`^# ${manifest.name}\\n\\n## ${next.replaceAll(".", "\\.")}`),
      );
      expect(manifest.files, name).toContain("CHANGELOG.md");
    }
    expect(read("lake-writers", "CHANGELOG.md")).toContain("Lakes learn to swim.");
    expect(readdirSync(join(copy, ".changeset"))).toEqual(["config.json"]);
    // The workspace's own packages are not released.
    expect(readManifest(join(copy, "tests"))["version"]).toBe(readManifest(join(ROOT, "tests"))["version"]);
  });

  test("leaves the lock file as it is, so that the version pull request can be installed", async () => {
    expect(readFileSync(join(copy, "pnpm-lock.yaml"), "utf8")).toBe(
      readFileSync(join(ROOT, "pnpm-lock.yaml"), "utf8"),
    );
  });

  test("says where the packages come from, by the repository that the workflow runs in", async () => {
    await run(process.execPath, [join(copy, "scripts", "set-repository.ts")], {
      GITHUB_SERVER_URL: "https://example.com",
      GITHUB_REPOSITORY: "someone/else",
    });
    for (const { name } of packages) {
      expect(manifestOf(name)).toMatchObject({
        homepage: `https://example.com/someone/else/tree/main/packages/${name}#readme`,
        bugs: { url: "https://example.com/someone/else/issues" },
        repository: {
          type: "git",
          url: "git+https://example.com/someone/else.git",
          directory: `packages/${name}`,
        },
      });
    }
  });
});

describe("the workflow", () => {
  const workflows = join(ROOT, ".github", "workflows");
  const texts = readdirSync(workflows).map((name) => ({
    name,
    text: readFileSync(join(workflows, name), "utf8"),
  }));
  const release = texts.find(({ name }) => name === "release.yml")?.text ?? "";

  test.each(texts)("$name takes actions of others by their commit", ({ text }) => {
    const uses = [...text.matchAll(/uses: (\S+)(.*)/g)].filter(
      ([, action]) => action?.startsWith("./") === false,
    );
    expect(uses.length).toBeGreaterThan(0);
    for (const [line] of uses) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("gives an identity to the job that publishes, and to no other", () => {
    const jobs = release.split(/^ {2}(?=\w+:$)/m);
    expect(jobs.filter((job) => job.includes("id-token: write")).map((job) => job.split(":")[0])).toEqual([
      "publish",
    ]);
    expect(release).toMatch(/^permissions: \{\}$/m);
  });

  test("publishes nothing that CI did not pass", () => {
    for (const [job, needs] of Object.entries({
      select: "ci",
      version: "select",
      pack: "select",
      publish: "pack",
    })) {
      expect(release).toMatch(new RegExp(`^  ${job}:\\n    name: .*\\n    needs: ${needs}$`, "m"));
    }
    expect(release).toContain("uses: ./.github/workflows/ci.yml");
    expect(existsSync(join(workflows, "ci.yml"))).toBe(true);
  });
});

const author = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];

function run(file: string, args: readonly string[], env: Environment = {}): Promise<unknown> {
  return mustRun(file, args, { cwd: copy, env: { ...cleanEnvironment(), CI: "true", ...env } });
}

function read(name: string, file: string): string {
  return readFileSync(join(copy, "packages", name, file), "utf8");
}

function manifestOf(name: string): Manifest {
  return readManifest(join(copy, "packages", name));
}

function nextMinor(version: string): string {
  const [major, minor] = version.split(".");
  return `${major}.${Number(minor) + 1}.0`;
}
