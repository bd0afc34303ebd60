import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Longest that a server may take to answer, in ms; a busy machine needs seconds for moto's imports. */
const READY_MS = 60_000;
/** After so long without an end it is killed, in ms. */
const END_MS = 3_000;
/** Another process may take the free port first. */
const ATTEMPTS = 4;
/** Kept of what a server printed, in characters. */
const LOG_CHARACTERS = 200_000;

export interface Start {
  readonly name: string;
  /** The command for a port and an empty folder of the server's own. */
  readonly command: (
    port: number,
    folder: string,
  ) => {
    readonly file: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  };
  /** Answered with any status below 500 when the server is up. */
  readonly probe: string;
}

export interface ServerProcess {
  readonly endpoint: string;
  log(): string;
  close(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1 and waits until it answers. */
export async function startServer(start: Start): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryStart(start, await freePort());
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function tryStart({ name, command, probe }: Start, port: number): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  const { file, args, env } = command(port, folder);
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-LOG_CHARACTERS);
    });
  }
  const state = { ended: false };
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      log += `\n${error.message}`;
      state.ended = true;
      resolve();
    });
    child.once("close", () => {
      state.ended = true;
      resolve();
    });
  });
  // A test runner that stops in the middle leaves no server behind.
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const close = async (): Promise<void> => {
    if (!state.ended) {
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), END_MS);
      await ended;
      clearTimeout(force);
    }
    process.off("exit", killAtExit);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };

  const endpoint = `http://127.0.0.1:${port}`;
  const until = Date.now() + READY_MS;
  while (!state.ended && Date.now() < until) {
    if ((await answers(`${endpoint}${probe}`)) && !state.ended) return { endpoint, log: () => log, close };
    await sleep(50);
  }
  const why = state.ended ? "ended at once" : `did not answer for ${READY_MS / 1000} s`;
  await close();
  throw new Error(`${name} ${why}:\n${log}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return response.status < 500;
  } catch {
    return false;
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return port;
}
