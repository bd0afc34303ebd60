/**
 * All benchmarks one after the other, and the table of `bench/README.md`. Takes some twenty minutes on two cores; leave the
 * machine alone meanwhile.
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/all.ts [--rounds N] [--write]
 *
 * `--write` puts the table into the README. Ends with 1 if a goal is missed.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { extract } from "./extract.ts";
import type { ComparisonResult, SideResult } from "./harness/compare.ts";
import { http } from "./http.ts";
import { job } from "./job.ts";
import { lakes, lakesMemory } from "./lakes.ts";
import { memory, type MemoryResult } from "./memory.ts";
import { normalize } from "./normalize.ts";
import { rerun } from "./rerun.ts";
import { startup } from "./startup.ts";

const readme = new URL("README.md", import.meta.url);
const [BEGIN, END] = ["<!-- figures: bench/all.ts -->", "<!-- /figures -->"];

const { values } = parseArgs({
  options: { rounds: { type: "string" }, write: { type: "boolean", default: false } },
});
const rounds = values.rounds === undefined ? undefined : Number(values.rounds);

const comparisons: ComparisonResult[] = [];
for (const benchmark of [startup, extract, normalize, job, rerun, http, lakes])
  comparisons.push(...(await benchmark(rounds === undefined ? {} : { rounds })));
const peaks = [...(await memory()), ...(await lakesMemory())];

const page = figures(comparisons, peaks);
console.log(`\n${page}`);
if (values.write) {
  const text = readFileSync(readme, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`bench/README.md has no lines ${BEGIN} and ${END}.`);
  writeFileSync(readme, `${text.slice(0, begin + BEGIN.length)}\n\n${page}\n\n${text.slice(end)}`);
}
process.exitCode = [...comparisons, ...peaks].every(({ met }) => met !== false) ? 0 : 1;

function figures(results: readonly ComparisonResult[], memories: readonly MemoryResult[]): string {
  const commit = execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
  return [
    "| what | ours | the other side | ratio (best runs) | goal |",
    "| --- | --- | --- | --- | --- |",
    ...results.map(row),
    "",
    "| peak memory | records | MB | limit |",
    "| --- | --- | --- | --- |",
    ...memories.map(
      ({ command, collection, records, peakMegabytes, limit, met }) =>
        `| ${command} ${collection} | ${records.toLocaleString("en-US")} | ${peakMegabytes.toFixed(0)} | ${limit}: ${verdict(met)} |`,
    ),
    "",
    `Medians of the wall time, CPU time in brackets. Node ${process.versions.node}, ${process.platform} ${process.arch}, ` +
      `${availableParallelism()} cores, commit ${commit}.`,
  ].join("\n");
}

function row({ what, sides, ratio, bestRatio, goal, met }: ComparisonResult): string {
  const [ours, theirs] = sides as [SideResult, SideResult];
  const aim =
    goal === undefined
      ? met === undefined
        ? ""
        : verdict(met)
      : `${"faster" in goal ? `≥ ${goal.faster}` : `≤ ${goal.atMost}`}: ${verdict(met === true)}`;
  const unit = goal !== undefined && "atMost" in goal ? "× its time" : "× as fast";
  return `| ${what} | ${time(ours)} | ${theirs.name}: ${time(theirs)} | ${ratio.toFixed(2)} ${unit} (${bestRatio.toFixed(2)}) | ${aim} |`;
}

function time({ median }: SideResult): string {
  return `${median.seconds.toFixed(2)} s (${median.cpuSeconds.toFixed(2)})`;
}

function verdict(met: boolean): string {
  return met ? "met" : "missed";
}
