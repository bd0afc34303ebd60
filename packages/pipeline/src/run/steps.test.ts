import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EtlError } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { parseConfig } from "../config/index.ts";
import { openSession } from "../session/session.ts";
import { type Progress, STEPS } from "./steps.ts";

test("an extraction that fails does not wait for a lake that does not answer, and asks it in spite of a signal", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "steps-"));
  try {
    const stopped = new EtlError({ kind: "terminated", code: "TERMINATED", message: "Stopped." });
    const config = parseConfig({ command: "extract", env: {}, cwd });
    await using session = await openSession(config, { signal: AbortSignal.abort(stopped) });
    let begun = 0;
    let ended = 0;
    const silent = {
      ...session.store,
      async *list(_: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
        begun++;
        signal?.throwIfAborted();
        yield await new Promise<never>((_resolve, reject) => {
          signal?.addEventListener("abort", () => {
            ended++;
            reject(signal.reason as Error);
          });
        });
      },
    };
    const progress: Progress = {
      runId: "r1",
      collections: [],
      normalized: false,
      load: undefined,
      transform: { status: "off" },
      manifestKey: undefined,
      highlights: undefined,
    };
    const watched = { ...session, store: silent, api: () => Promise.reject(stopped) };
    await expect(STEPS.extract(watched, { runId: "r1", progress })).rejects.toBe(stopped);
    expect({ begun, ended }).toEqual({ begun: 1, ended: 1 });
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});
