import type { RunEvent } from "@spacex-etl/contracts";
import { oneLine, plural, type OutputStream } from "../terminal/index.ts";
import type { Display } from "./display-port.ts";
import { lineOf } from "./event-lines.ts";

/** A long collection says this often that it is alive. */
const PROGRESS_EVERY_MS = 10_000;

/** One line per event that matters, without times of day: for logs, pipes and tests. */
export function createPlainLines(stderr: OutputStream, now: () => number = () => performance.now()): Display {
  const lastProgress = new Map<string, number>();
  const write = (line: string): void => {
    stderr.write(`${line}\n`);
  };
  const progress = (event: RunEvent): void => {
    if (event.type === "collection.started") lastProgress.set(event.collection, now());
    if (event.type !== "collection.progress") return;
    const last = lastProgress.get(event.collection) ?? now();
    if (now() - last < PROGRESS_EVERY_MS) return;
    lastProgress.set(event.collection, now());
    write(`${event.collection}: ${plural(event.records, "record")} so far`);
  };
  return {
    onEvent(event) {
      progress(event);
      const line = lineOf(event);
      if (line !== undefined) write(line);
    },
    note: (message) => write(oneLine(message)),
    close() {
      lastProgress.clear();
    },
  };
}
