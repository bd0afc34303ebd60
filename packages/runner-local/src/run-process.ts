import type { Commands } from "./commands.ts";
import type { Display } from "./display/index.ts";
import { main } from "./main.ts";
import { listenForSignals } from "./signals.ts";

/** How long open handles may keep the process after its work is done. */
const LINGER_MS = 1_000;

/** What the command line does not find in its process. */
export interface ProcessOptions {
  /** What `--version` prints. */
  readonly version: string;
  /** Milliseconds that the work has after the first signal; by default 7,500. */
  readonly hardExitMs?: number;
}

/**
 * Runs the command line on this process: its arguments, environment, streams and signals. Sets the exit code. Call it
 * once.
 */
export async function runProcess(commands: Commands, options: ProcessOptions): Promise<void> {
  let display: Display | undefined;
  // A reader that went away (`| head`) or a closed terminal is no reason to stop the work.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosed);
  using signals = listenForSignals({
    onStop(name) {
      const message = `${name}: stopping where it can continue later (once more: at once)`;
      if (display === undefined) process.stderr.write(`${message}\n`);
      else display.note(message);
    },
    beforeExit: () => display?.close(),
    hardExitMs: options.hardExitMs,
  });
  process.exitCode = await main({
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    commands,
    version: options.version,
    signal: signals.signal,
    onDisplay(created) {
      display = created;
    },
  });
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

function ignoreClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
}
