import type { LoaderTarget, ProcessJob, ProcessOutcome } from "@spacex-etl/warehouse-loaders/testing";
import { loadInProcess } from "@spacex-etl/warehouse-loaders/testing";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";

/** Awaited around each call that reaches a server. `drop`: it has no effect and no answer. */
export type CallListener = (call: string, moment: "before" | "after") => Promise<"drop" | void>;

/** A server whose calls can be listened to. Calls of one meaning have one name, whatever warehouse they are for. */
export interface CalledServer {
  listen(listener: CallListener | null): void;
}

/**
 * `lost`: the client dies before the call takes effect. `unheard`: after the effect, before it hears of it. `inside`:
 * while the server is at it.
 */
const MOMENTS = ["lost", "unheard", "inside"] as const;
type Moment = (typeof MOMENTS)[number];

/** How long after a call's arrival its client dies, for `inside`, in ms. */
const MOST_INSIDE_MS = 12;

/** The points of a load in a process: three per call, as `unheard 2 BEGIN` for the second call of that name. */
export async function pointsOfCalls(
  server: CalledServer,
  target: LoaderTarget,
  job: ProcessJob,
): Promise<readonly string[]> {
  const calls: string[] = [];
  const nth = counter();
  server.listen((call, moment) => {
    if (moment === "before") calls.push(`${nth(call)} ${call}`);
    return Promise.resolve();
  });
  const outcome = await loadInProcess(target, job);
  server.listen(null);
  expect(outcome, outcome.error?.message).toMatchObject({ exitCode: 0, report: { outcome: "loaded" } });
  return calls.flatMap((call) => MOMENTS.map((moment) => `${moment} ${call}`));
}

/** Loads in a process that dies at the point, if the call of it comes. */
export async function killAtCall(
  server: CalledServer,
  target: LoaderTarget,
  job: ProcessJob,
  point: string,
  next: () => number,
): Promise<ProcessOutcome> {
  const [moment, ...words] = point.split(" ") as [Moment, ...string[]];
  const wanted = words.join(" ");
  const insideMs = next() * MOST_INSIDE_MS;
  const nth = counter();
  let current: string | undefined;
  let kill: () => Promise<void> = () => Promise.resolve();
  let struck = Promise.resolve();
  server.listen(async (call, at) => {
    if (at === "before") {
      const name = `${nth(call)} ${call}`;
      if (name !== wanted) return;
      current = call;
      if (moment === "inside") struck = sleep(insideMs).then(() => kill());
      if (moment !== "lost") return;
      await kill();
      return "drop";
    }
    if (moment !== "unheard" || current !== call) return;
    current = undefined;
    await kill();
  });
  try {
    return await loadInProcess(target, { ...job, onStart: (strike) => (kill = strike) });
  } finally {
    await struck;
    server.listen(null);
  }
}

/** Counts how often it was asked for a name, from 1. */
function counter(): (name: string) => number {
  const counts = new Map<string, number>();
  return (name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count;
  };
}
