import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { mustRun } from "../../../scripts/bootstrap/command.mjs";
import { type Environment, findProgram } from "../../../scripts/bootstrap/environment.mjs";
import { failure } from "../../../scripts/bootstrap/failure.mjs";
import { fileOf, type Jar } from "./pins.ts";

/** Pinned, as Maven would take the newest. */
const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";

/**
 * Copies jars into a folder by Maven, so that the user's mirrors, proxies and local repository are honoured.
 *
 * @param folder An empty one; it holds Maven's project too.
 * @throws A failure that names what is missing, or the jar whose contents are not those of the lock file.
 */
export async function fetchJars(
  jars: readonly Jar[],
  folder: string,
  java: string,
  env: Environment,
): Promise<void> {
  const maven = findProgram("mvn", env);
  if (maven === undefined) {
    throw failure({
      what: "The judge of BigQuery's SQL is fetched by Maven, and PATH has no mvn.",
      todo: "Install Maven, for example: apt install maven, brew install maven",
    });
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "pom.xml"), projectOf(jars));
  await mustRun(maven, ["-B", "-q", "-f", "pom.xml", COPY, "-DoutputDirectory=."], {
    // Maven takes Java from here; a Java of our own is not on PATH.
    env: { ...env, JAVA_HOME: env["JAVA_HOME"] ?? homeOf(java) },
    cwd: folder,
    timeout: 1_200_000,
    what: "Maven could not fetch the judge of BigQuery's SQL.",
    todo: "Connect to the internet once and try again: about 70 MB come from Maven's central repository, or from the mirror in your settings.xml.",
  });
  for (const jar of jars) {
    const found = createHash("sha256")
      .update(readFileSync(join(folder, fileOf(jar))))
      .digest("hex");
    if (found === jar.sha256) continue;
    throw failure({
      what: `${jar.artifact} is not what the lock file says: its sha256 is ${found}, not ${jar.sha256}.`,
      todo: "Remove it from Maven's local repository and try again; if it stays so, ask who runs your mirror.",
    });
  }
}

/** A project that depends on exactly these; what they would bring along is left out. */
function projectOf(jars: readonly Jar[]): string {
  const dependencies = jars.map(({ artifact }) => {
    const [group, name, version] = artifact.split(":");
    const alone =
      "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>";
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>${alone}</dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>judge</groupId><artifactId>judge</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependencies.join("\n    ")}
  </dependencies>
</project>
`;
}

/** Where a Java lies, for Maven. Through PATH it may be a link of the system's, which Maven finds by itself. */
function homeOf(java: string): string | undefined {
  const home = dirname(dirname(java));
  return home === "/usr" || home === "/" ? undefined : home;
}
