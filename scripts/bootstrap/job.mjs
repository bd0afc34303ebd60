import { spawn } from "node:child_process";
import { constants } from "node:os";
import { isatty } from "node:tty";

import { root, cli, vitest } from "./paths.mjs";

/**
 * What is run when all is ready.
 *
 * @typedef {object} Job
 * @property {string} file
 * @property {readonly string[]} args
 * @property {string} cwd
 */

/** The quick suite. */
const quickProjects = ["--project", "unit", "--project", "types", "--project", "e2e"];

/**
 * @param {string} mode
 * @param {readonly string[]} args
 * @param {string} node
 * @returns {Job}
 */
export function jobOf(mode, args, node) {
  const caller = process.env.INIT_CWD ?? process.cwd();
  if (mode === "start") return { file: node, args: [cli, "run", ...args], cwd: root };
  if (mode === "spacex-etl") return { file: node, args: [cli, ...args], cwd: caller };
  if (mode === "test") {
    const chosen = args.some((arg) => arg === "--project" || arg.startsWith("--project="));
    return { file: node, args: [vitest, "run", ...(chosen ? [] : quickProjects), ...args], cwd: root };
  }
  const [file = "", ...rest] = args;
  if (process.platform === "win32") return { file: "pnpm", args: ["exec", file, ...rest], cwd: root };
  return { file, args: rest, cwd: root };
}

/**
 * Runs the job in our place: its terminal, its exit code. A job that a signal ended counts as 128 + the signal's number.
 *
 * @param {Job} job
 * @param {import("./environment.mjs").Environment} env
 * @returns {Promise<number>}
 */
export function runJob({ file, args, cwd }, env) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env: /** @type {NodeJS.ProcessEnv} */ (env), stdio: "inherit" });
    const forwarded = forward(child);
    const end = (/** @type {number} */ code) => {
      forwarded.stop();
      resolve(code);
    };
    child.on("error", (error) => {
      process.stderr.write(`✖ Cannot run ${file}: ${error.message}\n`);
      end(/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT" ? 127 : 126);
    });
    child.on("exit", (code, signal) => end(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/**
 * Passes signals on to the job, each once: a scheduler or npm may send the same one again, and a job may take the
 * second as "at once". An interrupt from the keyboard reaches the job without us.
 *
 * @param {import("node:child_process").ChildProcess} child
 */
function forward(child) {
  const keyboard = [0, 1, 2].some(isatty);
  /** @type {Set<NodeJS.Signals>} */
  const sent = new Set();
  const pass = (/** @type {NodeJS.Signals} */ signal) => {
    const meaning = signal === "SIGHUP" ? "SIGTERM" : signal;
    if (sent.has(meaning) || (signal === "SIGINT" && keyboard)) return;
    sent.add(meaning);
    child.kill(signal);
  };
  /** @type {readonly NodeJS.Signals[]} */
  const signals = process.platform === "win32" ? ["SIGINT", "SIGTERM"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, pass);
  return {
    stop: () => {
      for (const signal of signals) process.off(signal, pass);
    },
  };
}
