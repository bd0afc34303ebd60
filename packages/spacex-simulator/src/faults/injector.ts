import { createHash } from "node:crypto";
import type { Fault } from "./fault.ts";

/** A fault that replaces or damages one answer. */
export type Strike = Exclude<Fault["kind"], "latency" | "changing">;

/** What happens to one request. */
export interface Verdict {
  readonly delayMs: number;
  readonly strike: Strike | undefined;
  /** How many requests of this route the same kind of fault has hit before, shifted by a seeded amount. */
  readonly turn: number;
  /** Where in the body to cut, from 0.2 to 0.8 of it. */
  readonly cutAt: number;
}

/** Decides what goes wrong. The same seed, faults and order of requests give the same decisions. */
export interface FaultInjector {
  /** Counts one request of a route, such as `GET /v5/launches`. */
  judge(route: string): Verdict;
  /**
   * How the records of a list differ from the true ones at the moment. `read` is true for a request that reads the
   * list, after which they may differ otherwise; false for one that only counts.
   */
  variant(list: string, read: boolean): ListVariant;
}

export type ListVariant = "as-is" | "one-less" | "one-more";

export function createInjector(faults: readonly Fault[], seed: number): FaultInjector {
  const spent = new Map<string, number>();
  const reads = new Map<string, number>();
  const delayMs = faults.reduce((sum, fault) => sum + (fault.kind === "latency" ? fault.ms : 0), 0);
  const changes = faults.reduce((sum, fault) => sum + (fault.kind === "changing" ? fault.count : 0), 0);

  return {
    judge(route) {
      for (const [index, fault] of faults.entries()) {
        if (fault.kind === "latency" || fault.kind === "changing") continue;
        const key = `${index} ${route}`;
        const before = spent.get(key) ?? 0;
        if (before >= ("count" in fault ? fault.count : Number.POSITIVE_INFINITY)) continue;
        spent.set(key, before + 1);
        const noise = seeded(`${seed} ${fault.kind} ${route}`);
        const cutAt = 0.2 + 0.6 * (seeded(`${seed} cut ${before} ${route}`) / 2 ** 32);
        return { delayMs, strike: fault.kind, turn: before + (noise % 4), cutAt };
      }
      return { delayMs, strike: undefined, turn: 0, cutAt: 0.5 };
    },
    variant(list, read) {
      const before = reads.get(list) ?? 0;
      if (read) reads.set(list, before + 1);
      const left = changes - before;
      if (left <= 0) return "as-is";
      // Counted from the end, so that the last unsettled read lacks a record, which is there afterwards.
      const odd = Number.isFinite(left) ? left % 2 === 1 : before % 2 === 0;
      return odd ? "one-less" : "one-more";
    },
  };
}

function seeded(text: string): number {
  return createHash("sha1").update(text).digest().readUInt32BE(0);
}
