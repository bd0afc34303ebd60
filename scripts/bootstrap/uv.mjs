import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { attempt } from "./command.mjs";
import { temporaryPrefix } from "./npm-package.mjs";
import { tools } from "./paths.mjs";
import { uvVersion } from "./pins.mjs";

const folder = join(tools, `uv-${uvVersion}`);
const lock = fileURLToPath(new URL("uv.lock.txt", import.meta.url));
const name = process.platform === "win32" ? "uv.exe" : "uv";

/** uv that was fetched before. @returns {string | undefined} */
export function readyUv() {
  const program = join(folder, "bin", name);
  return existsSync(program) ? program : undefined;
}

/**
 * Fetches uv by version and checksum with a Python that has pip. It is only a quicker pip, so failing is no error.
 *
 * @param {string} python
 * @param {import("./environment.mjs").Environment} env
 * @returns {Promise<string | undefined>} The program.
 */
export async function fetchUv(python, env) {
  const temporary = mkdtempSync(join(tools, temporaryPrefix));
  try {
    const flags = ["--quiet", "--retries=2", "--only-binary=:all:", "--require-hashes"];
    const args = ["-m", "pip", "install", ...flags, "--target", temporary, "--requirement", lock];
    if (!(await attempt(python, args, { env, timeout: 300_000 })).ok) return undefined;
    if (!(await attempt(join(temporary, "bin", name), ["--version"], { env, timeout: 30_000 })).ok)
      return undefined;
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
    return readyUv();
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
