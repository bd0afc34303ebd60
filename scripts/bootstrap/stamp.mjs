import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/**
 * A stamp is a file that says from what something was made. It is written last and removed first, so that
 * a set-up that was killed half-way never counts as done.
 *
 * @param {string} file
 * @returns {string | undefined}
 */
export function readStamp(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** @param {string} file @param {string} text */
export function writeStamp(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

/** @param {string} file */
export function removeStamp(file) {
  rmSync(file, { force: true });
}

/** sha256 over names and contents; a missing file counts as such. @param {string} base @param {readonly string[]} files */
export function hashContents(base, files) {
  const hash = createHash("sha256");
  for (const file of files) {
    const text = readStamp(join(base, file));
    hash.update(`${file}\0${text === undefined ? "absent" : `${Buffer.byteLength(text)}\0${text}`}\0`);
  }
  return hash.digest("hex");
}

/**
 * sha256 over path, size, modification and change time of every file below the given ones. The change time is what
 * makes this safe against tools that set the modification time back.
 *
 * @param {string} base
 * @param {readonly string[]} entries Files or folders, relative to `base`; missing ones are left out.
 * @param {(name: string) => boolean} [skip] Names of files or folders to leave out.
 */
export function hashTimes(base, entries, skip = () => false) {
  const hash = createHash("sha256");
  const visit = (/** @type {string} */ path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isDirectory()) {
      for (const name of readdirSync(path).sort()) {
        if (!skip(name)) visit(join(path, name));
      }
    } else {
      hash.update(`${relative(base, path)}\0${stat.size}\0${stat.mtimeMs}\0${stat.ctimeMs}\0`);
    }
  };
  for (const entry of entries) visit(join(base, entry));
  return hash.digest("hex");
}
