import { EtlError } from "@spacex-etl/contracts";
import { access, constants, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { abortError } from "../loader/load-run.ts";
import { codeOf } from "./create-file.ts";
import { duckdbError, lockHolder } from "./duckdb-error.ts";

const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 250;

/**
 * Files that this process has attached. DuckDB's lock is one of the process (fcntl), so a second instance in the same
 * process would get it too, and both would write. For the same reason nothing here ever opens the file itself:
 * closing any handle of it drops the lock.
 */
const attachedHere = new Set<string>();

/** The file's one name, whatever links lead to it. */
export async function canonicalPath(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch {
    const folder = dirname(absolute);
    return folder === absolute ? absolute : join(await canonicalPath(folder), basename(absolute));
  }
}

export async function fileExists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    if (codeOf(error) === "ENOTDIR") throw duckdbError(new Error("Not a directory", { cause: error }), path);
    throw duckdbError(error, path);
  }
}

/**
 * Attaches the file as soon as nobody else has it, and returns what releases the claim of this process.
 *
 * @param attach Tries once; throws DuckDB's error.
 * @throws EtlError WAREHOUSE_LOCKED, kind `busy` (exit 5), after `timeoutMs`.
 */
export async function attachWhenFree(
  path: string,
  attach: () => Promise<void>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<() => void> {
  const file = await canonicalPath(path);
  const started = performance.now();
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    if (signal?.aborted === true) throw abortError(signal);
    let holder: { readonly pid: number | undefined } | undefined = { pid: process.pid };
    let cause: unknown;
    if (!attachedHere.has(file)) {
      attachedHere.add(file);
      try {
        await attach();
        return () => attachedHere.delete(file);
      } catch (error) {
        attachedHere.delete(file);
        holder = lockHolder(error);
        cause = error;
        if (holder === undefined) throw duckdbError(error, path);
      }
    }
    const left = timeoutMs - (performance.now() - started);
    if (left <= 0) throw locked(path, holder.pid, timeoutMs, cause);
    await sleep(Math.min(wait, left));
  }
}

function locked(path: string, pid: number | undefined, timeoutMs: number, cause: unknown): EtlError {
  const holder =
    pid === undefined
      ? "another process or connection"
      : pid === process.pid
        ? "this process"
        : `process ${pid}`;
  return new EtlError({
    kind: "busy",
    code: "WAREHOUSE_LOCKED",
    message: `${path} is open in ${holder}; waited ${timeoutMs} ms for it.`,
    hint:
      pid === undefined || pid === process.pid
        ? "Close what has it open (a DuckDB shell, a notebook, another run), then try again."
        : `Close it there (see: ps ${pid}), or wait until it ends, then try again.`,
    details: { path, ...(pid === undefined ? {} : { pid }) },
    cause,
  });
}

/**
 * Whether a load could create or write the file and its log, as far as permissions tell.
 *
 * @throws EtlError WAREHOUSE_UNWRITABLE, kind `auth` (exit 3); WAREHOUSE_PATH, kind `destination` (exit 8).
 */
export async function assertWritable(path: string): Promise<void> {
  const absolute = resolve(path);
  if (await fileExists(absolute)) await assertAccess(absolute, path);
  let folder = dirname(absolute);
  while (!(await fileExists(folder))) folder = dirname(folder);
  if (!(await stat(folder)).isDirectory()) throw duckdbError(new Error("Not a directory"), path);
  await assertAccess(folder, path);
}

async function assertAccess(target: string, path: string): Promise<void> {
  try {
    await access(target, constants.W_OK);
  } catch (cause) {
    throw duckdbError(new Error(`Permission denied: ${target}`, { cause }), path);
  }
}
