import { errorProto } from "./api-error.ts";
import type { Job } from "./jobs.ts";
import { destinationOf } from "./result-tables.ts";
import type { Outcome } from "./run-script.ts";
import { kindOf, viewAnswer } from "./views.ts";
import type { Dataset, Table } from "./warehouse.ts";
import { type ResultSet, wireRows } from "./wire.ts";

/** Resources as the API answers them; numbers are text. */
export const etagOf = (version: number): string => `"${version}"`;

export const datasetAnswer = ({ projectId, datasetId, location, metadata, version }: Dataset): object => ({
  kind: "bigquery#dataset",
  id: `${projectId}:${datasetId}`,
  etag: etagOf(version),
  ...metadata,
  datasetReference: { projectId, datasetId },
  location,
});

export const tableAnswer = (table: Table, location: string, rows: string | null): object => ({
  kind: "bigquery#table",
  id: `${table.reference.projectId}:${table.reference.datasetId}.${table.reference.tableId}`,
  etag: etagOf(table.version),
  ...table.metadata,
  tableReference: table.reference,
  schema: { fields: table.fields },
  type: kindOf(table),
  ...viewAnswer(table),
  location,
  creationTime: String(table.creationTime),
  lastModifiedTime: String(table.lastModifiedTime),
  ...(table.expirationTime === null ? {} : { expirationTime: String(table.expirationTime) }),
  ...(rows === null ? {} : { numRows: rows }),
});

export const jobAnswer = (job: Job): object => ({
  kind: "bigquery#job",
  id: `${job.projectId}:${job.location}.${job.jobId}`,
  jobReference: jobReference(job),
  configuration: { ...job.configuration, ...queryAnswer(job), jobType: job.kind.toUpperCase() },
  status: {
    state: job.state,
    ...(job.error === null ? {} : { errorResult: errorProto(job.error), errors: [errorProto(job.error)] }),
  },
  statistics: {
    creationTime: String(job.creationTime),
    ...(job.startTime === null ? {} : { startTime: String(job.startTime) }),
    ...(job.endTime === null ? {} : { endTime: String(job.endTime) }),
    ...(job.parentJobId === null ? {} : { parentJobId: job.parentJobId }),
    ...(job.script ? { numChildJobs: String(job.outcomes.length) } : {}),
    ...(job.load === null ? {} : { load: job.load }),
    ...(job.kind === "query" && job.state === "DONE" ? { query: queryStatistics(job) } : {}),
  },
});

/** The service adds where the result lies. */
function queryAnswer(job: Job): object {
  const destinationTable = destinationOf(job);
  if (destinationTable === null) return {};
  return { query: { ...(job.configuration["query"] as object), destinationTable } };
}

export const jobReference = ({ projectId, jobId, location }: Job): object => ({ projectId, jobId, location });

function queryStatistics(job: Job): object {
  const outcome = job.outcomes.at(-1);
  const statementType = job.script ? "SCRIPT" : outcome?.statementType;
  return {
    totalBytesProcessed: "0",
    totalBytesBilled: "0",
    cacheHit: false,
    ...(statementType === undefined ? {} : { statementType }),
    ...(job.script || outcome === undefined ? {} : dmlAnswer(outcome)),
  };
}

function dmlAnswer({ dml }: Outcome): object {
  if (dml === null) return {};
  return {
    numDmlAffectedRows: String(dml.inserted + dml.updated + dml.deleted),
    dmlStats: {
      ...(dml.inserted === 0 ? {} : { insertedRowCount: String(dml.inserted) }),
      ...(dml.updated === 0 ? {} : { updatedRowCount: String(dml.updated) }),
      ...(dml.deleted === 0 ? {} : { deletedRowCount: String(dml.deleted) }),
    },
  };
}

export interface Paging {
  readonly maxResults: number | null;
  readonly pageToken: string | null;
  readonly int64Timestamps: boolean;
}

/** Of a script: what its last SELECT found. */
export function resultsAnswer(job: Job, paging: Paging, kind: string): object {
  const base = { kind, jobReference: jobReference(job), jobComplete: job.state === "DONE" };
  if (job.state !== "DONE") return base;
  const last = job.outcomes.findLast(({ result }) => result !== null);
  const single = job.script ? undefined : job.outcomes.at(-1);
  return {
    ...base,
    cacheHit: false,
    totalBytesProcessed: "0",
    ...(single === undefined ? {} : dmlAnswer(single)),
    ...(last === undefined ? { totalRows: "0" } : page(last.result!, paging)),
  };
}

/** The page token is the number of the next row. */
export function page(set: ResultSet, { maxResults, pageToken, int64Timestamps }: Paging): object {
  const from = pageToken === null ? 0 : Number(pageToken);
  const to = Math.min(set.rows.length, maxResults === null ? set.rows.length : from + maxResults);
  return {
    schema: { fields: set.fields },
    totalRows: String(set.rows.length),
    ...(from < to ? { rows: wireRows(set, from, to, int64Timestamps) } : {}),
    ...(to < set.rows.length ? { pageToken: String(to) } : {}),
  };
}
