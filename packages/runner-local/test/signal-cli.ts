import { setTimeout as sleep } from "node:timers/promises";
import { runProcess } from "../src/index.ts";
import { fakeCommands, report } from "./fake-commands.ts";

/** The command line with a `run` that lasts: it stops when asked, or with `--strict` it does not hear. */
void runProcess(
  fakeCommands({
    async run(config, io) {
      io.onEvent({ type: "run.started", runId: "r1", steps: ["extract"] });
      io.onEvent({ type: "info", message: "at work" });
      const keepAlive = setInterval(() => {}, 1000);
      try {
        await sleep(60_000, undefined, config.strict ? {} : { signal: io.signal });
      } finally {
        clearInterval(keepAlive);
      }
      return report;
    },
  }),
  { version: "0.0.0", hardExitMs: Number(process.env["HARD_EXIT_MS"] ?? 30_000) },
);
