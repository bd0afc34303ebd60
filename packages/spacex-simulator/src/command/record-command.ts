import { parseArgs } from "node:util";
import { record, type RecordOptions, type RecordProgress, type RecordReport } from "../record/index.ts";
import type { CommandIo } from "./command-io.ts";
import { recordUsage } from "./record-usage.ts";
import { unknownFlag, usageError } from "./usage-error.ts";

/** Address of the public API. */
const LIVE = "https://api.spacexdata.com";

/** See `recordCommand` in the door of this folder. */
export async function runRecord(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = parseFlags(argv);
  if (options === "help") {
    for (const line of recordUsage().split("\n")) io.stdout(line);
    return 0;
  }
  const report = await record({
    ...options,
    signal: io.signal,
    onProgress: (progress) => io.stderr(progressLine(progress)),
  });
  for (const line of summaryLines(report)) io.stdout(line);
  return 0;
}

function progressLine(progress: RecordProgress): string {
  const { type, collection } = progress;
  switch (type) {
    case "retry":
      return `${collection}: ${progress.reason} Again in ${(progress.delayMs / 1000).toFixed(1)} s.`;
    case "absent":
      return `${collection}: the API has none (404)`;
    default:
      return `${collection}: ${type}, ${plural(progress.records, "record")}, ${plural(progress.bytes, "byte")}`;
  }
}

function summaryLines({ api, directory, files, absent, requests }: RecordReport): string[] {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return [
    `Recorded ${api}: ${plural(files.length, "list")}, ${plural(bytes, "byte")}, ${plural(requests, "request")}.`,
    ...(absent.length === 0 ? [] : [`It has no ${absent.join(", ")}.`]),
    `Serve it with spacex-etl simulate --data ${directory}`,
  ];
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function parseFlags(argv: readonly string[]): RecordOptions | "help" {
  const values = parseValues(argv);
  if (values.help === true) return "help";
  const { api, out, collections, refresh } = values;
  if (api === undefined)
    throw usageError("record", "FLAG_MISSING", "--api is missing: the address of the API, or live.");
  if (out === undefined || out === "")
    throw usageError("record", "FLAG_MISSING", "--out is missing: the folder for the files.");
  return {
    api: api === "live" ? LIVE : api,
    directory: out,
    collections: collections?.flatMap((text) => text.split(",").map((name) => name.trim())),
    refresh,
    maxRequestsPerSecond: rateOf(values["max-requests-per-second"]),
  };
}

function rateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const rate = Number(text);
  if (/^\d*\.?\d+$/.test(text) && rate > 0) return rate;
  throw usageError(
    "record",
    "FLAG_VALUE",
    `--max-requests-per-second needs a number above 0, not ${JSON.stringify(text)}.`,
  );
}

function parseValues(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: false,
      options: {
        api: { type: "string" },
        out: { type: "string" },
        collections: { type: "string", multiple: true },
        refresh: { type: "boolean" },
        "max-requests-per-second": { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (cause) {
    throw unknownFlag("record", cause);
  }
}
