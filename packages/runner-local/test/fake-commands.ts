import type { RunEvent } from "@spacex-etl/contracts";
import type { CommandReport, RunReport } from "@spacex-etl/pipeline";
import type { Commands } from "../src/index.ts";

/** A run of three collections as the pipeline tells it. */
export const events: readonly RunEvent[] = [
  { type: "run.started", runId: "r1", steps: ["extract", "normalize", "load", "transform"] },
  { type: "step.started", step: "extract", collections: ["cores", "launches", "starlink"] },
  { type: "collection.started", step: "extract", collection: "cores" },
  { type: "collection.started", step: "extract", collection: "launches" },
  { type: "collection.progress", collection: "launches", records: 100, bytes: 250_000 },
  {
    type: "collection.finished",
    step: "extract",
    collection: "cores",
    records: 83,
    bytes: 41_000,
    outcome: "unchanged",
  },
  {
    type: "retry",
    what: "GET /v5/launches",
    attempt: 2,
    delayMs: 1500,
    reason: "503 from the edge\u001b[2J\nsecond line",
  },
  { type: "collection.progress", collection: "launches", records: 205, bytes: 560_000 },
  {
    type: "collection.finished",
    step: "extract",
    collection: "launches",
    records: 205,
    bytes: 560_000,
    outcome: "written",
  },
  { type: "collection.started", step: "extract", collection: "starlink" },
  {
    type: "collection.finished",
    step: "extract",
    collection: "starlink",
    records: 1445,
    bytes: 1_900_000,
    outcome: "written",
  },
  { type: "warning", code: "DRIFT", message: "launches has 1 field that the schema does not know" },
  { type: "step.finished", step: "extract", outcome: "done", durationMs: 1234 },
  { type: "step.started", step: "normalize" },
  { type: "step.finished", step: "normalize", outcome: "adopted", durationMs: 20 },
  { type: "step.started", step: "load" },
  {
    type: "table.loaded",
    table: "launches",
    counts: { rows: 205, inserted: 2, updated: 3, undeleted: 0, deleted: 1, unchanged: 200 },
  },
  {
    type: "table.loaded",
    table: "cores",
    counts: { rows: 83, inserted: 0, updated: 0, undeleted: 0, deleted: 0, unchanged: 83 },
  },
  { type: "step.finished", step: "load", outcome: "done", durationMs: 600 },
  { type: "step.started", step: "transform" },
  {
    type: "step.finished",
    step: "transform",
    outcome: "skipped",
    durationMs: 1,
    detail: "nothing was loaded since the last build",
  },
  { type: "run.finished", runId: "r1", exitCode: 0, durationMs: 1900 },
];

export const report: RunReport = {
  runId: "r1",
  status: "ok",
  exitCode: 0,
  durationMs: 12_345,
  collections: [
    {
      name: "cores",
      records: 83,
      requests: 1,
      bytes: 41_000,
      invalid: 0,
      reused: "not-modified",
      drift: [],
    },
    {
      name: "launches",
      records: 205,
      requests: 3,
      bytes: 560_000,
      invalid: 2,
      reused: null,
      drift: [{ path: "links.new_field", records: 205 }],
    },
    {
      name: "starlink",
      records: 144_500,
      requests: 2,
      bytes: 190_000_000,
      invalid: 0,
      reused: "same-content",
      drift: [],
    },
  ],
  tables: [
    { name: "cores", rows: 83, inserted: 0, updated: 0, deleted: 0, unchanged: 83 },
    { name: "launches", rows: 205, inserted: 2, updated: 3, deleted: 1, unchanged: 200 },
    { name: "starlink", rows: 144_500, inserted: 144_500, updated: 0, deleted: 0, unchanged: 0 },
  ],
  transform: {
    status: "done",
    models: { built: 27, failed: 0, skipped: 0 },
    tests: { passed: 112, warned: 2, failed: 0 },
    durationMs: 5_100,
  },
  lake: "/srv/ada/.spacex-etl/lake",
  warehouse: "/srv/ada/.spacex-etl/warehouse.duckdb",
  manifest: "/srv/ada/.spacex-etl/lake/runs/r1/tables.json",
  highlights: {
    title: "Launches and success rate per year and rocket",
    columns: ["year", "rocket", "launches", "success", "payload kg"],
    rows: [
      ["2021", "Falcon 9", 31, "100 %", 412_345.5],
      ["2022", "Falcon 9", 60, "98.3 %", 1_012_000],
      ["2022", "Falcon Heavy", 1, "100 %", null],
    ],
  },
};

const listing: CommandReport = {
  lines: ["/lake/tables/launches/part.parquet"],
  document: { table: "launches", files: ["/lake/tables/launches/part.parquet"] },
  exitCode: 0,
};

/** Commands that tell the events above and return fixed results, except those that a test gives. */
export function fakeCommands(overrides: Partial<Commands> = {}): Commands {
  const step: Commands["run"] = (_config, io) => {
    for (const event of events) io.onEvent(event);
    return Promise.resolve(report);
  };
  const show: Commands["files"] = () => Promise.resolve(listing);
  return {
    run: step,
    extract: step,
    normalize: step,
    load: step,
    transform: step,
    plan: show,
    verify: show,
    files: show,
    gc: show,
    doctor: show,
    simulate: (argv, { stdout }) => {
      stdout(`simulate ${argv.join(" ")}`);
      return Promise.resolve(0);
    },
    record: (argv, { stdout }) => {
      stdout(`record ${argv.join(" ")}`);
      return Promise.resolve(0);
    },
    ...overrides,
  };
}
