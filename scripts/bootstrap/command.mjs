import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

import { failure } from "./failure.mjs";

/**
 * @typedef {object} Options
 * @property {import("./environment.mjs").Environment} env
 * @property {string} [cwd]
 * @property {number} [timeout] Milliseconds; then the tool is killed and has failed.
 *
 * @typedef {object} Outcome
 * @property {boolean} ok
 * @property {string} stdout
 * @property {readonly string[]} tail The last lines of both streams.
 */

const tailLines = 40;

/** @type {Set<import("node:child_process").ChildProcess>} */
const children = new Set();

/** Once the tools are told to stop, none is started any more. */
let stopped = false;

/** @type {(pids: readonly number[]) => void} */
let watch = () => {};

/** Calls back with the pids of the tools at work whenever they change. @param {(pids: readonly number[]) => void} onChange */
export function watchChildren(onChange) {
  watch = onChange;
}

function changed() {
  watch([...children].flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
}

/** Runs a tool without a terminal and keeps its output. Never rejects. @param {string} file @param {readonly string[]} args @param {Options} options @returns {Promise<Outcome>} */
export function attempt(file, args, { env, cwd, timeout }) {
  if (stopped) return Promise.resolve({ ok: false, stdout: "", tail: [] });
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      env: /** @type {NodeJS.ProcessEnv} */ (env),
      timeout,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    children.add(child);
    changed();
    let stdout = "";
    let both = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      both = (both + text).slice(-100_000);
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      both = (both + text).slice(-100_000);
    });
    const done = (/** @type {boolean} */ ok) => {
      children.delete(child);
      changed();
      resolve({ ok, stdout, tail: lastLines(both) });
    };
    child.on("error", (error) => {
      both += `\n${error.message}`;
      done(false);
    });
    child.on("close", (code) => done(code === 0));
  });
}

/**
 * Runs a tool that has to succeed.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {Options & { what: string, todo: string }} options What a person reads if it fails.
 * @returns {Promise<Outcome>}
 */
export async function mustRun(file, args, { what, todo, ...options }) {
  const outcome = await attempt(file, args, options);
  if (!outcome.ok) throw failure({ what, todo, output: outcome.tail });
  return outcome;
}

/** Stops the tools at work, at first politely, and for good: what would start next fails. */
export async function stopChildren() {
  stopped = true;
  const stopping = [...children];
  if (stopping.length === 0) return;
  const gone = Promise.all(stopping.map((child) => new Promise((resolve) => child.once("close", resolve))));
  for (const child of stopping) child.kill("SIGTERM");
  const force = setTimeout(() => {
    for (const child of stopping) {
      child.kill("SIGKILL");
      // A grandchild may hold the other ends, and "close" waits for them.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
  }, 5000);
  await gone;
  clearTimeout(force);
}

/** @param {string} text */
function lastLines(text) {
  const lines = stripVTControlCharacters(text)
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1).trimEnd())
    .filter((line) => line !== "");
  return lines.slice(-tailLines);
}
