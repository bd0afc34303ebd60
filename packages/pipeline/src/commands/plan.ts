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
import { lakeLines } from "./lake-lines.ts";
import { type LakeBefore, lakeLocation, plannedLake } from "./planned-lake.ts";

interface PlannedRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly collection: string;
  /** GET: `If-None-Match` is sent, and 304 ends it without a part. POST: it is sent only after an answer with records. */
  readonly conditional: boolean;
  /** Where in the lake its parts go: the keys' beginning, and the same as an absolute path or an address. */
  readonly prefix: string;
  readonly location: string;
}

/** What a run would do, found by reading only. */
export async function plan(config: PipelineConfig, io: CommandIo = {}): Promise<CommandReport> {
  await using session = await openSession(config, io);
  const before = await lakeBefore(session);
  const requests = await plannedRequests(session, before);
  const load = await plannedLoad(session, before);
  const lake = await plannedLake(session, before, load.plan);
  const sure = requests.filter(({ method, conditional }) => method === "GET" || !conditional).length;
  const lines = [
    `Run ${config.runId ?? "(a new id)"} of source ${config.source}: ${describeState(before.state)}`,
    "",
    `Extract: ${plural(requests.length, "request")}${sure === requests.length ? "" : `, ${sure} if nothing changed`}`,
    ...requests.map((request) => describeRequest(request, config)),
    "",
    `Lake ${config.lake.display}`,
    ...lakeLines(lake, config.lake),
    "",
    `Load into ${load.location}: ${load.note}`,
    ...load.lines,
  ];
  return {
    lines,
    document: {
      runId: config.runId ?? null,
      source: config.source,
      state: before.state,
      requests,
      lake: { url: config.lake.url, ...lake },
      load: load.document,
    },
    exitCode: 0,
  };
}

/** What the lake has of the run, and of those before it as far as the source will be asked. */
async function lakeBefore(session: Session): Promise<LakeBefore> {
  const { config, store, signal } = session;
  const wanted = new Set(config.collections);
  const newest = () => newestCollections(store, config.source, signal, undefined, wanted);
  if (config.runId === undefined) {
    return { runId: newRunId(), state: "none", complete: [], previous: await newest() };
  }
  const { runId } = config;
  const state = await runState(store, runId, signal);
  const complete = await completeCollections(store, runId, signal);
  return { runId, state, complete, previous: state === "none" ? await newest() : new Map() };
}

function describeRequest(
  { method, url, conditional, prefix }: PlannedRequest,
  { lake }: PipelineConfig,
): string {
  if (method === "POST") return `  POST ${url}  (count${conditional ? ", only if changed" : ""})`;
  return `  GET  ${url}${conditional ? "  (only if changed)" : ""}  →  ${lake.display}/${prefix}`;
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
async function plannedRequests(
  { config, store, signal }: Session,
  { runId, state, complete, previous }: LakeBefore,
): Promise<PlannedRequest[]> {
  if (state !== "none") return [];
  const base = config.api.kind === "embedded" ? "embedded:" : config.api.baseUrl;
  const done = new Set(complete.map(({ collection }) => collection));
  const requests: PlannedRequest[] = [];
  for (const name of config.collections as readonly CollectionName[]) {
    if (done.has(name)) continue;
    const spec = collections[name];
    const earlier = previous.get(name);
    const limits = { store, maxInvalid: config.maxInvalid, strict: config.strict, signal };
    const conditional =
      config.etag &&
      earlier !== undefined &&
      earlier.sourceState.etag !== null &&
      (await mayStandForReading(limits, spec, earlier));
    const prefix = rawPrefix(config.source, name, runId);
    const shared = { collection: name, conditional, prefix, location: lakeLocation(config.lake, prefix) };
    requests.push({ method: "GET", url: `${base}${spec.route}`, ...shared });
    if (spec.countable) requests.push({ method: "POST", url: `${base}${spec.route}/query`, ...shared });
  }
  return requests;
}

interface PlannedLoad {
  /** Undefined where the run's tables are not known yet. */
  readonly plan: LoadPlan | undefined;
  readonly location: string;
  readonly note: string;
  readonly lines: readonly string[];
  readonly document: unknown;
}

/** With tables in the lake the exact load; before that the exact DDL, because only the schema is known. */
async function plannedLoad(session: Session, { runId, state }: LakeBefore): Promise<PlannedLoad> {
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
    plan: known ? planned : undefined,
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
