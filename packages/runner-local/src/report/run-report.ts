import type { PipelineConfig, RunReport, TransformSummary } from "@spacex-etl/pipeline";
import {
  type Environment,
  formatCount,
  formatDuration,
  oneLine,
  plural,
  type Style,
  wrap,
} from "../terminal/index.ts";
import { nextCommands } from "./next-commands.ts";
import { collectionTable, highlightsTable, loadTable } from "./tables.ts";

export interface ReportOptions {
  readonly config: PipelineConfig;
  readonly env: Environment;
  readonly style: Style;
  /** Width in characters. */
  readonly columns: number;
}

/** The end of a run for people, made for 80 columns. Sections that have nothing to say are left out. */
export function renderRunReport(report: RunReport, options: ReportOptions): string[] {
  const { style } = options;
  const sections: string[][] = [[headline(report, options)]];
  if (report.status === "unchanged") {
    sections.push(indented(unchangedSentence(report), options));
  } else {
    if (report.tables.length > 0) sections.push(loadTable(report.tables, style));
    else if (report.collections.length > 0) sections.push(collectionTable(report.collections, style));
  }
  sections.push(remarks(report, options));
  sections.push(transformLines(report.transform, options));
  if (report.highlights !== undefined && report.status !== "unchanged") {
    sections.push(highlightsTable(report.highlights, style));
  }
  sections.push(places(report, options));
  if (report.exitCode === 0) sections.push(proposals(report, options));
  return sections.filter((section) => section.length > 0).flatMap((section) => ["", ...section]);
}

function headline(report: RunReport, { config, style }: ReportOptions): string {
  const { marks } = style;
  const what = config.command === "run" ? "Run" : `${config.command} of run`;
  const name = `${what} ${style.bold(report.runId ?? "")}`.trimEnd();
  const time = formatDuration(report.durationMs);
  switch (report.status) {
    case "ok":
      return `${style.good(marks.done)} ${name} finished in ${time}`;
    case "unchanged":
      return `${style.good(marks.done)} ${name}: nothing changed (${time})`;
    case "superseded":
      return `${style.warn(marks.skipped)} ${name}: the warehouse holds a newer extraction, so it was left alone (${time})`;
    case "interrupted":
      return `${style.warn(marks.failed)} ${name} was stopped after ${time}`;
    case "failed":
      return `${style.bad(marks.failed)} ${name} failed after ${time}`;
  }
}

function unchangedSentence({ collections, tables }: RunReport): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const subjects = [
    ...(collections.length > 0 ? [plural(collections.length, "collection")] : []),
    ...(tables.length > 0 ? [`${plural(rows, "row")} in ${plural(tables.length, "table")}`] : []),
  ];
  if (subjects.length === 0) return "Everything was done before; nothing was written.";
  return `${subjects.join(" and ")} are as they were: no part and no data row was written.`;
}

/** Things in the data that somebody should look at. */
function remarks({ collections }: RunReport, options: ReportOptions): string[] {
  const { style } = options;
  const lines: string[] = [];
  for (const { name, drift, invalid } of collections) {
    if (invalid > 0) {
      lines.push(`${name}: ${plural(invalid, "invalid record")} in quarantine`);
    }
    if (drift.length > 0) {
      const fields = drift
        .slice(0, 5)
        .map(({ path, records }) => `${oneLine(path)} (${formatCount(records)})`);
      const more = drift.length > 5 ? ` and ${formatCount(drift.length - 5)} more` : "";
      lines.push(`${name}: fields unknown to the schema, kept in raw: ${fields.join(", ")}${more}`);
    }
  }
  return lines.flatMap((line) =>
    wrap(line, options.columns - 4).map((part, index) =>
      index === 0 ? `${style.warn(style.marks.warning)} ${part}` : `  ${part}`,
    ),
  );
}

function transformLines(transform: TransformSummary, options: ReportOptions): string[] {
  const { style } = options;
  const reason = transform.reason === undefined ? "" : `: ${oneLine(transform.reason)}`;
  if (transform.status === "off") {
    return options.config.command === "run" ? indented(`dbt was not run${reason}`, options) : [];
  }
  if (transform.status === "skipped") return indented(`dbt was skipped${reason}`, options);
  const { models, tests, durationMs } = transform;
  const counts = [
    ...(models === undefined
      ? []
      : [
          `${plural(models.built, "model")} built`,
          ...some(models.failed, "failed", style.bad),
          ...some(models.skipped, "skipped", style.dim),
        ]),
    ...(tests === undefined
      ? []
      : [
          `${plural(tests.passed, "test")} passed`,
          ...some(tests.warned, "warned", style.warn),
          ...some(tests.failed, "failed", style.bad),
        ]),
    ...(durationMs === undefined ? [] : [style.dim(formatDuration(durationMs))]),
  ];
  const word = transform.status === "failed" ? style.bad("dbt failed") : style.bold("dbt");
  const first = counts.length === 0 ? `  ${word}` : `  ${word}  ${counts.join(", ")}`;
  return [first, ...(reason === "" ? [] : indented(reason.slice(2), options))];
}

function some(count: number, word: string, paint: (text: string) => string): string[] {
  return count === 0 ? [] : [paint(`${formatCount(count)} ${word}`)];
}

function places(report: RunReport, { config, style }: ReportOptions): string[] {
  const rows: [string, string][] = [["lake", config.lake.display]];
  if (report.manifest !== undefined) {
    const { location, display } = config.lake;
    // An address stands for itself.
    const root = location.kind === "file" ? location.directory : display;
    const inLake = report.manifest.startsWith(root);
    rows.push(["manifest", inLake ? display + report.manifest.slice(root.length) : report.manifest]);
  }
  if (report.tables.length > 0 || report.transform.status !== "off") {
    rows.push(["database", config.warehouse.display]);
  }
  return rows.map(([name, path]) => `  ${style.dim(name.padEnd(9))} ${path}`);
}

function proposals(report: RunReport, { config, env, style, columns }: ReportOptions): string[] {
  const next = nextCommands(report, config, env);
  if (next.length === 0) return [];
  const width = Math.max(...next.map(({ command }) => command.length));
  const beside = width + 4 + Math.max(...next.map(({ purpose }) => purpose.length)) < columns;
  return [
    `  ${style.bold("Try next")}`,
    ...next.flatMap(({ command, purpose }) =>
      beside
        ? [`    ${style.accent(command.padEnd(width))}  ${style.dim(purpose)}`]
        : [`    ${style.dim(`# ${purpose}`)}`, `    ${style.accent(command)}`],
    ),
  ];
}

function indented(text: string, { columns }: ReportOptions): string[] {
  return wrap(text, columns - 4).map((line) => `  ${line}`);
}
