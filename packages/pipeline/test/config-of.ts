import { EtlError } from "@spacex-etl/contracts";
import { parseCommandLine } from "../src/command-line/command-line.ts";
import { parseConfig } from "../src/config/parse-config.ts";
import type { PipelineConfig } from "../src/config/pipeline-config.ts";

/** Where the command is given. */
export const cwd = "/srv/ada";
/** What the source has. */
export const collectionNames = ["cores", "launches", "rockets"];

/** The configuration of a command line, of words with spaces between them. */
export function configOf(words: string, env: Record<string, string> = {}): PipelineConfig {
  const line = parseCommandLine(words.split(" ").filter((word) => word !== ""));
  if (line.kind !== "command") throw new Error(`not a command: ${line.kind}`);
  return parseConfig({ ...line, env, cwd, collectionNames });
}

/** The error of a command line that must be refused. */
export function errorOf(words: string, env: Record<string, string> = {}): EtlError {
  try {
    configOf(words, env);
  } catch (error) {
    if (EtlError.isInstance(error)) return error;
    throw error;
  }
  throw new Error(`accepted: ${words}`);
}
