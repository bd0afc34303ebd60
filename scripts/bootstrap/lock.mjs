import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * One set-up at a time in a clone. A contender writes a file of its own name and looks around: alone, it holds the
 * lock; else it withdraws and tries later. Writing comes before looking, so two can never both be alone; and as
 * no name is used twice, the file of a dead contender may be removed by anyone at any time.
 *
 * @typedef {object} Lock
 * @property {(pids: readonly number[]) => void} note Tools at work: the lock lasts as long as one of them lives, even if we are killed.
 * @property {() => void} release
 */

/** A holder touches its file this often, in ms. */
const beat = 1000;
/** A file that nobody touched for this long, in ms, belongs to no living set-up. */
const silence = 60_000;
/** Tools whose parent was killed may still be writing; they are waited for this long at most, in ms. */
const orphanLimit = 600_000;

const here = hostname().replaceAll(/[^A-Za-z0-9-]/g, "_") || "host";

/**
 * @param {string} folder Holds one file per contender.
 * @param {{ onWait: (pid: string) => void, onLost: () => void }} events `onWait`: another holds the lock, called once;
 *   `onLost`: we were suspended for so long that another took over, so nothing may be written any more.
 * @returns {Promise<Lock>}
 */
export async function takeLock(folder, { onWait, onLost }) {
  mkdirSync(folder, { recursive: true });
  const name = `${here}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const file = join(folder, name);
  const seen = new Map();
  let told = false;
  for (;;) {
    let holder = livingHolder(folder, name, seen);
    if (holder === undefined) {
      writeFileSync(file, "[]", { flag: "wx" });
      holder = livingHolder(folder, name, seen);
      if (holder === undefined) return hold(file, onLost);
      unlinkSync(file);
    } else if (!told) {
      told = true;
      onWait(holder);
    }
    await sleep(100 + Math.random() * 200);
  }
}

/** @param {string} file @param {() => void} onLost @returns {Lock} */
function hold(file, onLost) {
  const timer = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(file, now, now);
    } catch {
      clearInterval(timer);
      onLost();
    }
  }, beat);
  timer.unref();
  let held = true;
  return {
    note: (pids) => {
      if (held && existsSync(file)) writeFileSync(file, JSON.stringify(pids));
    },
    release: () => {
      held = false;
      clearInterval(timer);
      rmSync(file, { force: true });
    },
  };
}

/**
 * @param {string} folder
 * @param {string} own
 * @param {Map<string, { mtime: number, since: number }>} seen When each file was last seen to change, by our own clock.
 */
function livingHolder(folder, own, seen) {
  for (const name of readdirSync(folder)) {
    if (name === own) continue;
    if (isLiving(folder, name, seen)) return name.split(".")[1];
    rmSync(join(folder, name), { force: true });
  }
  return undefined;
}

/** @param {string} folder @param {string} name @param {Map<string, { mtime: number, since: number }>} seen */
function isLiving(folder, name, seen) {
  const stat = statSync(join(folder, name), { throwIfNoEntry: false });
  if (stat === undefined) return false;
  const last = seen.get(name);
  const since = last?.mtime === stat.mtimeMs ? last.since : performance.now();
  seen.set(name, { mtime: stat.mtimeMs, since });
  const observed = performance.now() - since;
  const [host, pid] = name.split(".");
  // The pids of another machine or container mean nothing here, and its clock may differ.
  if (host !== here) return observed < silence;
  const silent = Math.max(observed, Date.now() - stat.mtimeMs);
  if (isAlive(Number(pid))) return silent < silence;
  return silent < orphanLimit && orphans(join(folder, name)).some(isAlive);
}

/** @param {string} file @returns {readonly number[]} */
function orphans(file) {
  try {
    const pids = JSON.parse(readFileSync(file, "utf8"));
    return Array.isArray(pids) ? pids : [];
  } catch {
    return [];
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
  return !isZombie(pid);
}

/** A process that ended but was not collected by its parent, as happens in containers without an init. @param {number} pid */
function isZombie(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}
