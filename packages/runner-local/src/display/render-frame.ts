import {
  fit,
  formatBytes,
  formatCount,
  formatDuration,
  oneLine,
  plural,
  type Style,
  widthOf,
} from "../terminal/index.ts";
import type { InFlight, RunState, StepState } from "./run-state.ts";

export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

/** At most as many in-flight collections as help a person; the others are counted. */
const MOST_IN_FLIGHT = 8;

/**
 * The live view as lines, each narrower than the terminal and together lower than it: one line per step, and under the
 * running one a line per collection in flight.
 */
export function renderFrame(state: RunState, now: number, size: FrameSize, style: Style): string[] {
  if (state.steps.length === 0) return [];
  const head =
    state.runId === undefined
      ? []
      : [`${style.bold("spacex-etl")}${style.dim(`${style.marks.separator}run ${state.runId}`)}`, ""];
  const room = size.rows - 1 - head.length - state.steps.length - 1;
  const lines = [...head];
  for (const step of state.steps) {
    lines.push(stepLine(step, now, size.columns, style));
    if (step.status === "running") {
      lines.push(...inFlightLines([...state.inFlight.values()], now, Math.min(MOST_IN_FLIGHT, room), style));
    }
  }
  return lines
    .slice(0, Math.max(1, size.rows - 1))
    .map((line) => fit(line, size.columns - 1, style.marks.more));
}

function stepLine(step: StepState, now: number, columns: number, style: Style): string {
  const running = step.status === "running";
  const ms = running ? now - step.startedAt : step.durationMs;
  const silent = step.status === "waiting" || (!running && step.status !== "done" && ms < 1000);
  const time = silent ? "" : formatDuration(ms);
  const left = `${markOf(step, now, style)} ${nameOf(step, style)}${stepDetail(step, style)}`;
  const width = Math.min(columns - 1, 79);
  const cut = fit(left, width - time.length - 2, style.marks.more);
  const fill = " ".repeat(Math.max(1, width - widthOf(cut) - time.length));
  return time === "" ? cut : `${cut}${fill}${style.dim(time)}`;
}

function markOf(step: StepState, now: number, style: Style): string {
  const { marks } = style;
  switch (step.status) {
    case "waiting":
      return style.dim(marks.waiting);
    case "running":
      return style.accent(marks.spinner[Math.floor(now / 100) % marks.spinner.length] ?? marks.waiting);
    case "failed":
      return style.bad(marks.failed);
    case "skipped":
      return style.dim(marks.skipped);
    case "done":
    case "adopted":
      return style.good(marks.done);
  }
}

function nameOf(step: StepState, style: Style): string {
  const name = step.name.padEnd(11);
  return step.status === "running" ? style.bold(name) : step.status === "waiting" ? style.dim(name) : name;
}

function stepDetail(step: StepState, style: Style): string {
  if (step.status === "waiting") return "";
  const parts: string[] = [];
  if (step.status === "adopted") parts.push("already done");
  if (step.status === "skipped") parts.push("skipped");
  if (step.total !== undefined && step.status === "running") {
    parts.push(`${formatCount(step.finished)} of ${plural(step.total, "collection")}`);
  } else if (step.finished > 0) {
    parts.push(plural(step.finished, "collection"));
  }
  if (step.records > 0) parts.push(plural(step.records, "record"));
  if (step.bytes > 0) parts.push(formatBytes(step.bytes));
  if (step.tables > 0)
    parts.push(`${plural(step.tables, "table")}, ${formatCount(step.changedTables)} changed`);
  if (step.failed > 0) parts.push(style.bad(`${formatCount(step.failed)} failed`));
  if (step.detail !== undefined) parts.push(oneLine(step.detail));
  return parts.join(style.dim(style.marks.separator));
}

function inFlightLines(rows: readonly InFlight[], now: number, limit: number, style: Style): string[] {
  if (limit < 1) return [];
  const shown = rows.length > limit ? rows.slice(0, limit - 1) : rows;
  const lines = shown.map((row) => {
    const name = `    ${row.collection.padEnd(12)}`;
    if (row.records === 0) return style.dim(name.trimEnd());
    const rate = row.records / Math.max(0.1, (now - row.startedAt) / 1000);
    const records = plural(row.records, "record").padStart(17);
    return `${name}${records}${style.dim(
      `${`${formatCount(Math.round(rate))}/s`.padStart(12)}${formatBytes(row.bytes).padStart(10)}`,
    )}`;
  });
  const hidden = rows.length - shown.length;
  return hidden > 0 ? [...lines, style.dim(`    and ${formatCount(hidden)} more`)] : lines;
}
