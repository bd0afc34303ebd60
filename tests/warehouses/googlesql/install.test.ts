import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describe as sayFailure, failureOf } from "../../../scripts/bootstrap/failure.mjs";
import { fetchJars } from "./jars.ts";
import { isGoodJava } from "./java.ts";
import { fileOf, type Jar, readLock } from "./pins.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "googlesql-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The message for a person, or undefined if nothing went wrong. */
async function complaintOf(work: Promise<void>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    const known = failureOf(error);
    if (known === undefined) throw error;
    return sayFailure(known);
  }
}

/** A PATH whose Maven runs this shell script. */
function mavenThat(script: string): string {
  const bin = mkdtempSync(join(folder, "bin-"));
  writeFileSync(join(bin, "mvn"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, "mvn"), 0o755);
  return [bin, "/usr/bin", "/bin"].join(delimiter);
}

/** sha256 of "good\n". */
const GOOD: Jar = {
  artifact: "org.example:thing:1.0",
  sha256: "106675dc1490d5cdd6d1f0410731316ce93fc964c6cf6726e2b0d53e19688feb",
};

test("Java 17 and newer are good, older ones and no answer are not", () => {
  expect(isGoodJava('openjdk version "17.0.15" 2025-04-15')).toBe(true);
  expect(isGoodJava('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "25" 2025-09-16')).toBe(true);
  expect(isGoodJava('java version "1.8.0_402"')).toBe(false);
  expect(isGoodJava('openjdk version "11.0.22" 2024-01-16')).toBe(false);
  expect(isGoodJava("")).toBe(false);
});

test("each platform gets the native library of its own, first of all the class that another jar has as a stub", () => {
  const native = (platform: string) =>
    readLock(platform)
      ?.classPath.map(fileOf)
      .filter((name) => /^zetasql-jni-channel-(linux|darwin)/.test(name));
  expect(native("linux-x64")).toEqual(["zetasql-jni-channel-linux-2024.03.1.jar"]);
  expect(native("darwin-x64")).toEqual(["zetasql-jni-channel-darwin-2024.03.1.jar"]);
  expect(readLock("linux-arm64")).toBeUndefined();
  expect(readLock("linux-x64")?.classPath.map(fileOf)[0]).toMatch(/^zetasql-toolkit-core-/);
});

test("every jar is pinned by version and checksum", () => {
  const jars = readLock("linux-x64");
  expect(jars).toBeDefined();
  for (const { artifact, sha256 } of [...(jars?.classPath ?? []), ...(jars ? [jars.compiler] : [])]) {
    expect(artifact).toMatch(/^[\w.-]+:[\w.-]+:\d[\w.-]*$/);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});

test("a jar is taken only if it is the lock file's", async () => {
  const PATH = mavenThat(
    "grep -q '<artifactId>thing</artifactId><version>1.0</version>' pom.xml && echo good > thing-1.0.jar",
  );
  const into = (name: string) => join(folder, name);
  expect(await complaintOf(fetchJars([GOOD], into("a"), "/usr/bin/java", { PATH }))).toBeUndefined();
  const other = { ...GOOD, sha256: "0".repeat(64) };
  expect(await complaintOf(fetchJars([other], into("b"), "/usr/bin/java", { PATH }))).toMatch(
    /org\.example:thing:1\.0 is not what the lock file says/,
  );
});

test("without Maven, or when Maven fails, it says so and what to do", async () => {
  const none = join(folder, "none");
  mkdirSync(none);
  expect(await complaintOf(fetchJars([GOOD], join(folder, "c"), "/usr/bin/java", { PATH: none }))).toMatch(
    /PATH has no mvn[^]*apt install maven/,
  );
  const PATH = mavenThat("echo 'Could not resolve dependencies'; exit 1");
  expect(await complaintOf(fetchJars([GOOD], join(folder, "d"), "/usr/bin/java", { PATH }))).toMatch(
    /Maven could not fetch[^]*Could not resolve dependencies[^]*settings\.xml/,
  );
});
