import { toEtlError } from "@spacex-etl/contracts";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadReport } from "../loader/load-report.ts";
import type { LoadRequest } from "../loader/load-request.ts";
import { loadRun } from "../loader/load-run.ts";
import type { Loader } from "../loader/loader.ts";
import type { LoaderTarget } from "./loader-target.ts";

interface Job {
  readonly request: LoadRequest;
  readonly argument: unknown;
  /** ISO 8601; the machine's clock where it is absent. */
  readonly now?: string | undefined;
  /** Die at the checkpoint of this index, counted from 0. */
  readonly killAt?: number | undefined;
}

/** After what a process says. */
const END = "\n";

/** How a load in a process of its own ended. */
export interface ProcessOutcome {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly report?: LoadReport | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

/**
 * The whole body of a target's process script: loads what the suite asks for, and dies where it asks for that. `Argument`
 * is the type of the target's `process.argument`, which arrives as JSON.
 */
export async function runLoadProcess<Argument = string>(
  open: (argument: Argument, options: { readonly now: (() => Date) | undefined }) => Loader | Promise<Loader>,
): Promise<void> {
  const job = JSON.parse(await readFile(process.argv[2]!, "utf8")) as Job;
  const { now, killAt } = job;
  let passed = 0;
  let outcome: Omit<ProcessOutcome, "exitCode" | "signal">;
  try {
    await using loader = await open(job.argument as Argument, {
      now: now === undefined ? undefined : () => new Date(now),
    });
    const report = await loadRun(loader, job.request, {
      checkpoint: () => {
        if (passed === killAt) process.kill(process.pid, "SIGKILL");
        passed += 1;
      },
    });
    outcome = { report };
  } catch (thrown) {
    const error = toEtlError(thrown);
    outcome = { error: { code: error.code, message: error.message } };
    process.exitCode = error.exitCode;
  }
  process.stdout.write(JSON.stringify(outcome) + END);
}

/** A load in a process of its own, and how it is killed from outside. */
export interface ProcessJob extends Omit<Job, "argument"> {
  /** Kills it then, wherever it is. */
  readonly killAfterMs?: number | undefined;
  /** Called when the process was started; `kill` sends SIGKILL and resolves when the process has gone. */
  readonly onStart?: ((kill: () => Promise<void>) => void) | undefined;
}

/** A load in a process of its own. */
export async function loadInProcess(
  target: LoaderTarget,
  { killAfterMs, onStart, ...job }: ProcessJob,
): Promise<ProcessOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "loader-process-"));
  try {
    const file = join(folder, "job.json");
    await writeFile(file, JSON.stringify({ ...job, argument: target.process.argument }));
    return await new Promise<ProcessOutcome>((resolve, reject) => {
      const child = spawn(
        process.execPath,
        [
          "--conditions=@spacex-etl/source",
          "--disable-warning=ExperimentalWarning",
          target.process.script,
          file,
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      const killer =
        killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
      const gone = new Promise<void>((exited) => child.once("exit", () => exited()));
      onStart?.(() => {
        child.kill("SIGKILL");
        return gone;
      });
      let output = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
      child.on("error", reject);
      child.on("close", (exitCode, signal) => {
        clearTimeout(killer);
        // One that was killed may have said half of it.
        const said = output.endsWith(END) ? output.slice(0, -END.length) : "{}";
        resolve({
          exitCode,
          signal,
          ...(JSON.parse(said) as Omit<ProcessOutcome, "exitCode" | "signal">),
        });
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
