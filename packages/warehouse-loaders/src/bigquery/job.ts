import { field, textOf } from "./failure.ts";

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobStatistics3 */
export interface LoadStatistics {
  readonly outputRows: number;
  readonly badRecords: number;
  readonly inputFiles: number;
}

/** A job as the service tells it, as far as it is read here. */
export interface JobState {
  readonly id: string;
  readonly done: boolean;
  /** `{reason, message, location}` of a job that failed. */
  readonly error: unknown;
  readonly configuration: unknown;
  /** Of a load that is done. */
  readonly load: LoadStatistics | undefined;
}

/** @param answer A resource `Job`: https://cloud.google.com/bigquery/docs/reference/rest/v2/Job */
export function jobState(id: string, answer: unknown): JobState {
  const status = field(answer, "status");
  const load = field(field(answer, "statistics"), "load");
  const rows = textOf(field(load, "outputRows"));
  return {
    id,
    done: field(status, "state") === "DONE",
    error: field(status, "errorResult"),
    configuration: field(answer, "configuration"),
    load:
      rows === undefined
        ? undefined
        : {
            outputRows: Number(rows),
            badRecords: Number(textOf(field(load, "badRecords")) ?? 0),
            inputFiles: Number(textOf(field(load, "inputFiles")) ?? 0),
          },
  };
}

/** What makes two configurations the same work; labels, time-outs and parameters do not. */
export function sameWork(one: unknown, other: unknown): boolean {
  return JSON.stringify(workOf(one)) === JSON.stringify(workOf(other));
}

/** The REST API answers with the legacy names of types, and leaves defaults out. */
const LEGACY: Readonly<Record<string, string>> = { INTEGER: "INT64", FLOAT: "FLOAT64", BOOLEAN: "BOOL" };

function workOf(configuration: unknown): unknown {
  const query = field(configuration, "query");
  if (query !== undefined) return { query: field(query, "query") };
  const load = field(configuration, "load");
  const fields = field(field(load, "schema"), "fields");
  const table = field(load, "destinationTable");
  return {
    uris: field(load, "sourceUris") ?? [],
    format: field(load, "sourceFormat"),
    table: ["projectId", "datasetId", "tableId"].map((name) => field(table, name)),
    create: field(load, "createDisposition") ?? "CREATE_IF_NEEDED",
    write: field(load, "writeDisposition") ?? "WRITE_APPEND",
    schema: Array.isArray(fields)
      ? (fields as unknown[]).map((each) => {
          const type = textOf(field(each, "type")) ?? "";
          return [field(each, "name"), LEGACY[type] ?? type, field(each, "mode") ?? "NULLABLE"];
        })
      : null,
  };
}
