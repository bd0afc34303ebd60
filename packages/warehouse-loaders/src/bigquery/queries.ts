import { type Api, type CallContext, pause } from "./api.ts";
import { BigQueryFailure, field, textOf } from "./failure.ts";
import type { BigQuerySettings } from "./options.ts";

/** Values as the API sends them: text or null; a TIMESTAMP is ISO 8601 in UTC to the microsecond. */
export type Row = Readonly<Record<string, string | null>>;

/** Runs a query that may be run twice, and returns all its rows. @throws EtlError. */
export type Query = (what: string, sql: string, context?: CallContext) => Promise<Row[]>;

/** Longest that one request waits for the service, in milliseconds. */
const WAIT_MS = 10_000;

export function openQueries(
  api: Api,
  settings: BigQuerySettings,
  location: string | undefined,
  labels: Readonly<Record<string, string>>,
): Query {
  const { jobProject, maximumBytesBilled, jobTimeoutMs } = settings;
  return async (what, query, context = {}) => {
    const formatOptions = { useInt64Timestamp: true };
    const first = {
      query,
      useLegacySql: false,
      timeoutMs: WAIT_MS,
      // The service runs a request that comes twice once.
      requestId: crypto.randomUUID(),
      formatOptions,
      labels,
      jobTimeoutMs: String(jobTimeoutMs),
      ...(location === undefined ? {} : { location }),
      ...(maximumBytesBilled === undefined ? {} : { maximumBytesBilled: String(maximumBytesBilled) }),
    };
    const ends = performance.now() + jobTimeoutMs + 2 * WAIT_MS;
    let page = await api.call(what, { method: "POST", path: `${jobProject}/queries`, body: first }, context);
    const job = field(page, "jobReference");
    const next = async (pageToken: string | undefined): Promise<unknown> =>
      api.call(
        what,
        {
          method: "GET",
          path: `${jobProject}/queries/${textOf(field(job, "jobId"))}`,
          query: {
            location: textOf(field(job, "location")) ?? location,
            timeoutMs: String(WAIT_MS),
            "formatOptions.useInt64Timestamp": "true",
            pageToken,
          },
        },
        context,
      );
    while (field(page, "jobComplete") !== true) {
      if (performance.now() > ends) {
        throw api.error(
          new BigQueryFailure("the query did not end in time", { step: "job", reason: "timeout" }),
          what,
        );
      }
      await pause(100, context.signal);
      page = await next(undefined);
    }
    const rows = rowsOf(page);
    for (let token = textOf(field(page, "pageToken")); token !== undefined;) {
      page = await next(token);
      rows.push(...rowsOf(page));
      token = textOf(field(page, "pageToken"));
    }
    return rows;
  };
}

/** Has a statement checked without running it: names, types, permissions. @throws EtlError. */
export async function tryStatement(
  api: Api,
  { jobProject, labels }: BigQuerySettings,
  location: string,
  what: string,
  sql: string,
  context: CallContext,
): Promise<void> {
  const body = { query: sql, useLegacySql: false, dryRun: true, location, labels };
  await api.call(what, { method: "POST", path: `${jobProject}/queries`, body }, context);
}

function rowsOf(page: unknown): Row[] {
  const fields = listOf(field(field(page, "schema"), "fields"));
  return listOf(field(page, "rows")).map((row) => {
    const cells = listOf(field(row, "f"));
    return Object.fromEntries(
      fields.map((column, index) => {
        const value = field(cells[index], "v");
        const text = value === null || value === undefined ? null : String(value as string);
        const moment = field(column, "type") === "TIMESTAMP" && text !== null;
        return [String(field(column, "name")), moment ? isoOf(text) : text];
      }),
    );
  });
}

/** Microseconds since 1970 as ISO 8601. */
function isoOf(micros: string): string {
  const value = BigInt(micros);
  const rest = ((value % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = Number((value - rest) / 1_000_000n);
  return `${new Date(seconds * 1_000).toISOString().slice(0, 19)}.${String(rest).padStart(6, "0")}Z`;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A count of a row. */
export function count(row: Row | undefined, column: string): number {
  const value = Number(row?.[column] ?? Number.NaN);
  if (!Number.isSafeInteger(value)) throw new TypeError(`BigQuery returned no count in column ${column}.`);
  return value;
}
