import type { RunEvent } from "@spacex-etl/contracts";
import { formatBytes, formatCount, formatDuration, oneLine, plural } from "../terminal/index.ts";

/** Sentences that a person needs whatever the display looks like, or undefined for events that are only progress. */
export function noticeOf(
  event: RunEvent,
): { readonly level: "info" | "warning"; readonly text: string } | undefined {
  switch (event.type) {
    case "warning":
      return { level: "warning", text: oneLine(event.message) };
    case "info":
      return { level: "info", text: oneLine(event.message) };
    case "retry":
      return {
        level: "info",
        text: `${oneLine(event.what)}: attempt ${event.attempt} in ${formatDuration(event.delayMs)} (${oneLine(event.reason)})`,
      };
    default:
      return undefined;
  }
}

/** The line of an event in a log, or undefined where it would only be noise. */
export function lineOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case "run.started":
      return `run ${event.runId}: ${event.steps.join(", ")}`;
    case "run.finished":
      return `run${event.runId === "" ? "" : ` ${event.runId}`}: exit code ${event.exitCode} after ${formatDuration(event.durationMs)}`;
    case "step.started":
      return event.collections === undefined
        ? `${event.step}: started`
        : `${event.step}: started, ${plural(event.collections.length, "collection")}`;
    case "step.finished": {
      const outcome = event.outcome === "adopted" ? "already done" : event.outcome;
      const detail = event.detail === undefined ? "" : `: ${oneLine(event.detail)}`;
      return `${event.step}: ${outcome} in ${formatDuration(event.durationMs)}${detail}`;
    }
    case "collection.finished": {
      const size = `${plural(event.records, "record")}, ${formatBytes(event.bytes)}`;
      return event.outcome === "failed"
        ? `${event.step}: ${event.collection} failed`
        : `${event.step}: ${event.collection} ${event.outcome === "adopted" ? "already done" : event.outcome}, ${size}`;
    }
    case "table.loaded": {
      const { rows, inserted, updated, deleted } = event.counts;
      if (inserted + updated + deleted === 0) return undefined;
      return `load: ${event.table} ${plural(rows, "row")}, ${formatCount(inserted)} new, ${formatCount(updated)} updated, ${formatCount(deleted)} deleted`;
    }
    case "retry":
    case "info":
    case "warning": {
      const notice = noticeOf(event);
      return notice === undefined ? undefined : `${event.type}: ${notice.text}`;
    }
    case "collection.started":
    case "collection.progress":
      return undefined;
  }
}
