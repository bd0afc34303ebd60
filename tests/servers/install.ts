import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Environment, withoutNpm } from "../../scripts/bootstrap/environment.mjs";
import { failure } from "../../scripts/bootstrap/failure.mjs";
import { venvProgram } from "../../scripts/bootstrap/paths.mjs";
import { contentsOf, makePythonEnvironment } from "../../scripts/bootstrap/python-environment.mjs";
import { findPython } from "../../scripts/bootstrap/python.mjs";
import { readStamp, removeStamp, writeStamp } from "../../scripts/bootstrap/stamp.mjs";
import { withInstallLock } from "../harness/install-lock.ts";
import { BUILD_PREFIX, buildGoServers } from "./go.ts";
import { FAKE_GCS, type GoServer, MOTO_ENVIRONMENT, programOf, SERVERS, VERSITYGW } from "./pins.ts";

const MOTO_STAMP = join(SERVERS, "moto.stamp");

/**
 * Makes the servers that are not there yet, once per clone: a minute or two with a Go on PATH, some more without. When
 * all are there it reads a few files and starts nothing, so it works offline. One process at a time; others wait.
 *
 * @param say Hears of long work.
 * @throws Error whose message says what is missing and what to do.
 */
export async function installServers(say: (line: string) => void): Promise<void> {
  if (isInstalled()) return;
  await withInstallLock(SERVERS, "the servers", say, async () => {
    if (isInstalled()) return;
    for (const name of readdirSync(SERVERS)) {
      if (name.startsWith(BUILD_PREFIX)) rmSync(join(SERVERS, name), { recursive: true, force: true });
    }
    await installMissing(withoutNpm(process.env), say);
  });
}

function isInstalled(): boolean {
  return isMotoReady() && missingGoServers().length === 0;
}

async function installMissing(env: Environment, say: (line: string) => void): Promise<void> {
  if (process.platform === "win32") {
    throw failure({
      what: "The servers of the lake tests do not run on Windows.",
      todo: "Run `npm test -- --project lakes` on Linux or macOS, or in WSL.",
    });
  }
  if (!isMotoReady()) {
    say("Installing moto (S3) from the Python package index …");
    removeStamp(MOTO_STAMP);
    await makePythonEnvironment(MOTO_ENVIRONMENT, await pythonFor("moto, an S3 server,", env), env);
    writeStamp(MOTO_STAMP, contentsOf(MOTO_ENVIRONMENT));
  }
  const missing = missingGoServers();
  if (missing.length > 0) {
    const names = missing.map(({ name, version }) => `${name} ${version}`).join(" and ");
    say(`Building ${names} from the Go module proxy, once; it takes some minutes …`);
    await buildGoServers(missing, venvProgram(MOTO_ENVIRONMENT.venv, "python"), env);
  }
}

function isMotoReady(): boolean {
  const python = venvProgram(MOTO_ENVIRONMENT.venv, "python");
  return existsSync(python) && readStamp(MOTO_STAMP) === contentsOf(MOTO_ENVIRONMENT);
}

function missingGoServers(): readonly GoServer[] {
  return [VERSITYGW, FAKE_GCS].filter((server) => !existsSync(programOf(server)));
}

/** The search for Python is dbt's, whose advice would mislead here. */
async function pythonFor(what: string, env: Environment): ReturnType<typeof findPython> {
  try {
    return await findPython(env);
  } catch (error) {
    throw failure(
      {
        what: `The lake tests need ${what} and that needs Python 3.11, 3.12 or 3.13 with venv, which is not on PATH.`,
        todo: "Install one, for example: apt install python3 python3-venv, brew install python@3.13",
      },
      error,
    );
  }
}
