import type { Measurement } from "./measure.ts";

/** One way to do the job. `run` does it once, from a clean state, and measures only the job itself. */
export interface Side {
  readonly name: string;
  readonly run: () => Promise<Measurement>;
}

export interface Comparison {
  readonly what: string;
  readonly ours: Side;
  readonly theirs: Side;
  /** Optional further rows, without a goal. */
  readonly others?: readonly Side[];
  /** Rounds in which every side runs once, in turn, so that a noisy machine hits all of them. @default 5 */
  readonly rounds?: number;
  readonly goal?: Goal | undefined;
}

/** `faster`: theirs / ours is to reach the number. `slower`: ours / theirs is to stay at or below it. */
export type Goal = { readonly faster: number } | { readonly atMost: number };

export interface SideResult {
  readonly name: string;
  readonly median: Measurement;
  readonly best: Measurement;
}

export interface ComparisonResult {
  readonly what: string;
  readonly sides: readonly SideResult[];
  /** Of the medians; of the two sides with a goal. */
  readonly ratio: number;
  readonly bestRatio: number;
  readonly cpuRatio: number;
  readonly goal: Goal | undefined;
  readonly met: boolean | undefined;
}

/** Runs both sides in turn and prints a table with their ratio. */
export async function compare(comparison: Comparison): Promise<ComparisonResult> {
  const { what, ours, theirs, others = [], rounds = 5, goal } = comparison;
  const sides = [ours, theirs, ...others];
  const measured = sides.map((): Measurement[] => []);
  for (let round = 0; round < rounds; round++) {
    // Every second round backwards: whoever comes first does not always find the same machine.
    const order = sides.map((_, index) => index);
    if (round % 2 === 1) order.reverse();
    for (const index of order) measured[index]?.push(await (sides[index] ?? ours).run());
  }
  const results = sides.map(({ name }, index) => summarize(name, measured[index] ?? []));
  const [mine, other] = results as [SideResult, SideResult];
  const ratioOf = (a: number, b: number): number => (goal !== undefined && "atMost" in goal ? a / b : b / a);
  const ratio = ratioOf(mine.median.seconds, other.median.seconds);
  const result: ComparisonResult = {
    what,
    sides: results,
    ratio,
    bestRatio: ratioOf(mine.best.seconds, other.best.seconds),
    cpuRatio: ratioOf(mine.median.cpuSeconds, other.median.cpuSeconds),
    goal,
    met: goal === undefined ? undefined : "faster" in goal ? ratio >= goal.faster : ratio <= goal.atMost,
  };
  print(result, rounds);
  return result;
}

function summarize(name: string, runs: readonly Measurement[]): SideResult {
  const of = (pick: (run: Measurement) => number, at: (sorted: readonly number[]) => number): number =>
    at(runs.map(pick).toSorted((a, b) => a - b));
  const pickAll = (at: (sorted: readonly number[]) => number): Measurement => ({
    seconds: of(({ seconds }) => seconds, at),
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds, at),
    peakMegabytes: of(({ peakMegabytes }) => peakMegabytes, at),
  });
  return { name, median: pickAll(median), best: pickAll((sorted) => sorted[0] ?? Number.NaN) };
}

function median(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function print(result: ComparisonResult, rounds: number): void {
  console.log(`\n${result.what}  (${rounds} rounds in turn, median (best))`);
  for (const { name, median: middle, best } of result.sides) {
    console.log(
      `  ${name.padEnd(44)} ${figure(middle.seconds, best.seconds)} s   CPU ${figure(middle.cpuSeconds, best.cpuSeconds)} s   ` +
        `peak ${middle.peakMegabytes.toFixed(0).padStart(5)} MB`,
    );
  }
  console.log(`  ratio ${ratioText(result)}`);
}

function figure(middle: number, best: number): string {
  return `${middle.toFixed(2).padStart(7)} (${best.toFixed(2)})`.padEnd(17);
}

/** `2.61 × as fast (best runs 2.70, CPU 2.2); goal ≥ 2.4: met`. */
export function ratioText({ ratio, bestRatio, cpuRatio, goal, met }: ComparisonResult): string {
  const unit = goal !== undefined && "atMost" in goal ? "× its time" : "× as fast";
  const aim =
    goal === undefined
      ? ""
      : `; goal ${"faster" in goal ? `≥ ${goal.faster}` : `≤ ${goal.atMost}`}: ${met === true ? "met" : "missed"}`;
  return `${ratio.toFixed(2)} ${unit} (best runs ${bestRatio.toFixed(2)}, CPU ${cpuRatio.toFixed(2)})${aim}`;
}
