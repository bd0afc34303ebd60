import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { EtlError } from "@spacex-etl/contracts/errors";
import { installedBeside } from "./python-environment.ts";
import { checkRequirements, type Engine, installHint } from "./requirements.ts";

/**
 * The dbt to run, without running it: `dbt --version` takes seconds and asks the network.
 *
 * @param configured absolute path, or a name to look for on the PATH; by default `dbt`
 * @param engine the warehouse, whose adapter it must have
 * @throws EtlError of kind `usage`, DBT_MISSING, DBT_BROKEN, DBT_VERSION or DBT_ADAPTER_MISSING, that says how to get
 *   one, or how to go on without.
 */
export function findDbt(
  configured: string | undefined,
  engine: Engine,
  path: string | undefined = process.env["PATH"],
): string {
  const name = configured ?? "dbt";
  const found = locate(name, path ?? "");
  if (found === undefined) throw missing(name, engine);
  const interpreter = interpreterOf(found);
  if (interpreter !== undefined && !isExecutable(interpreter)) {
    throw new EtlError({
      kind: "usage",
      code: "DBT_BROKEN",
      message: `${found} cannot be started: its interpreter ${interpreter} is gone.`,
      hint: `Install dbt anew. ${installHint(engine)}`,
    });
  }
  checkRequirements(found, installedBeside(found, interpreter), engine);
  return found;
}

function locate(name: string, path: string): string | undefined {
  if (isAbsolute(name)) return isExecutable(name) ? name : undefined;
  const suffixes = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .flatMap((folder) => suffixes.map((suffix) => join(folder, `${name}${suffix}`)))
    .find(isExecutable);
}

/**
 * The program that runs a script: named in its first line, or in its second where an installer of Python packages goes
 * through a shell because the path is long or has blanks. Undefined of anything else.
 */
function interpreterOf(file: string): string | undefined {
  const [first = "", second = ""] = beginningOf(file).split("\n");
  const direct = /^#! *(\/\S+)/.exec(first)?.[1];
  if (direct === undefined) return undefined;
  const inShell = /^'''exec' (?:"([^"]+)"|'([^']+)'|(\/\S+)) /.exec(second);
  return inShell?.[1] ?? inShell?.[2] ?? inShell?.[3] ?? direct;
}

const BEGINNING_BYTES = 1024;

/** Empty where the file cannot be read: a program may be executable only. */
function beginningOf(file: string): string {
  try {
    const handle = openSync(file, "r");
    try {
      const buffer = Buffer.alloc(BEGINNING_BYTES);
      return buffer.toString("latin1", 0, readSync(handle, buffer));
    } finally {
      closeSync(handle);
    }
  } catch {
    return "";
  }
}

function missing(name: string, engine: Engine): EtlError {
  return new EtlError({
    kind: "usage",
    code: "DBT_MISSING",
    message: isAbsolute(name) ? `${name} is no program that can be run.` : `There is no ${name} on the PATH.`,
    hint: installHint(engine),
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
