import { newRunId, sha256Hex } from "@spacex-etl/contracts";
import {
  completeCollections,
  mayStandForReading,
  newestCollections,
  rawPrefix,
  readTables,
  runState,
} from "@spacex-etl/lake-writers";
import { type CollectionName, collections } from "@spacex-etl/spacex-client/tables";
import type { LoadPlan, LoadRequest } from "@spacex-etl/warehouse-loaders";
import type { PipelineConfig } from "../config/index.ts";
import { type CommandIo, openSession, type Session } from "../session/session.ts";
import { loadRequest } from "../steps/load-step.ts";
import type { CommandReport } from "../summary/index.ts";
import { count, plural } from "./format.ts";

interface PlannedRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly collection: string;
  /** GET: `If-None-Match` is sent, and 304 ends it without a part. POST: it is sent only after an answer with records. */
  readonly conditional: boolean;
  readonly prefix: string;
}

/** What a run would do, found by reading only. */
export async function plan(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  await using session = openSession(config, io);
  const runId = config.runId ?? newRunId();
  const state = await runState(session.store, runId);
  const requests = state === "none" ? await plannedRequests(session, runId) : [];
  const load = await plannedLoad(session, runId, state);
  const sure = requests.filter(({ method, conditional }) => method === "GET" || !conditional).length;
  const lines = [
    `Run ${config.runId ?? "(a new id)"} of source ${config.source}: ${describeState(state)}`,
    "",
    `Extract: ${plural(requests.length, "request")}${sure === requests.length ? "" : `, ${sure} if nothing changed`}`,
    ...requests.map(describeRequest),
    "",
    `Load into ${load.location}: ${load.note}`,
    ...load.lines,
  ];
  return {
    lines,
    document: { runId: config.runId ?? null, source: config.source, state, requests, load: load.document },
    exitCode: 0,
  };
}

function describeRequest({ method, url, conditional, prefix }: PlannedRequest): string {
  if (method === "POST") return `  POST ${url}  (count${conditional ? ", only if changed" : ""})`;
  return `  GET  ${url}${conditional ? "  (only if changed)" : ""}  →  ${prefix}`;
}

function describeState(state: "none" | "extracted" | "normalized"): string {
  switch (state) {
    case "none":
      return "nothing is committed yet";
    case "extracted":
      return "its extraction is committed and is not repeated";
    case "normalized":
      return "extraction and tables are committed and are not repeated";
  }
}

/** One GET per collection, and after an answer with records one count where the API has it. */
async function plannedRequests({ config, store, signal }: Session, runId: string): Promise<PlannedRequest[]> {
  const base = config.api.kind === "embedded" ? "embedded:" : config.api.baseUrl;
  const complete = new Set(
    (await completeCollections(store, runId, signal)).map(({ collection }) => collection),
  );
  const previous = await newestCollections(store, config.source, signal);
  const requests: PlannedRequest[] = [];
  for (const name of config.collections as readonly CollectionName[]) {
    if (complete.has(name)) continue;
    const spec = collections[name];
    const before = previous.get(name);
    const limits = { store, maxInvalid: config.maxInvalid, strict: config.strict };
    const conditional =
      config.etag &&
      before !== undefined &&
      before.sourceState.etag !== null &&
      (await mayStandForReading(limits, spec, before));
    const shared = { collection: name, conditional, prefix: rawPrefix(config.source, name, runId) };
    requests.push({ method: "GET", url: `${base}${spec.route}`, ...shared });
    if (spec.countable) requests.push({ method: "POST", url: `${base}${spec.route}/query`, ...shared });
  }
  return requests;
}

interface PlannedLoad {
  readonly location: string;
  readonly note: string;
  readonly lines: readonly string[];
  readonly document: unknown;
}

/** With tables in the lake the exact load; before that the exact DDL, because only the schema is known. */
async function plannedLoad(
  session: Session,
  runId: string,
  state: "none" | "extracted" | "normalized",
): Promise<PlannedLoad> {
  const { config, store, signal } = session;
  const loader = await session.loader();
  const known = state === "normalized";
  const request = known
    ? loadRequest(config, store, await readTables(store, runId, signal))
    : emptyRequest(config, runId);
  const planned = await loader.preflight(request, { signal });
  const statements = planned.statements.filter(({ purpose }) => known || purpose === "ddl");
  const ddl = statements.filter(({ purpose }) => purpose === "ddl").length;
  return {
    location: loader.location,
    note: known
      ? describeDecision(planned)
      : `${plural(ddl, "schema statement")}; what is merged is known once the run is normalized`,
    lines: [
      ...planned.warnings.map(({ message }) => `  warning: ${message}`),
      ...(known ? planned.collections.flatMap(({ tables }) => tables).map(describeTable) : []),
      ...statements.map(({ sql }) => `${sql.trim()};`),
    ],
    document: {
      decision: known ? planned.decision : "unknown",
      warnings: planned.warnings,
      tables: planned.collections.flatMap(({ tables }) =>
        tables.map(({ table, action, rows, liveRows }) => ({
          table,
          action,
          rows: known ? rows : null,
          liveRows,
        })),
      ),
      statements,
    },
  };
}

function describeDecision(planned: LoadPlan): string {
  switch (planned.decision) {
    case "already-loaded":
      return `this run was loaded at ${planned.loadedAt}; nothing to do`;
    case "superseded":
      return "a newer extraction is loaded; nothing to do";
    case "load":
      return `one transaction of ${plural(planned.statements.length, "statement")}`;
  }
}

function describeTable({
  table,
  action,
  rows,
  liveRows,
}: {
  table: string;
  action: string;
  rows: number;
  liveRows: number;
}): string {
  return `  ${table}: ${action}, ${count(liveRows)} rows now, ${count(rows)} in the run`;
}

/** The collections' tables without rows: enough to know what the warehouse's schema lacks. */
function emptyRequest(config: PipelineConfig, runId: string): LoadRequest {
  // Later than anything that is loaded, so that the plan is not "superseded".
  const extractedAt = "9999-12-31T00:00:00.000Z";
  return {
    runId,
    source: config.source,
    manifestSha256: sha256Hex(runId),
    extractedAt,
    allowDeletes: true,
    allowSourceChange: config.allowSourceChange,
    collections: config.collections.map((name) => {
      const { fingerprint, tables } = collections[name as CollectionName];
      return {
        name,
        extractedAt,
        schemaFingerprint: fingerprint,
        quarantinedKeys: [],
        tables: tables.map((spec) => ({ spec, rows: 0, parts: [], contentSha256: sha256Hex("") })),
      };
    }),
  };
}
