import { newRunId } from "@spacex-etl/contracts";
import {
  completeCollections,
  mayStandForReading,
  newestCollections,
  rawPrefix,
  runState,
} from "@spacex-etl/lake-writers";
import { type CollectionName, collections } from "@spacex-etl/spacex-client/tables";
import type { PipelineConfig } from "../config/index.ts";
import { type CommandIo, openSession, type Session } from "../session/session.ts";
import type { CommandReport } from "../summary/index.ts";
import { plural } from "./format.ts";
import { lakeLines } from "./lake-lines.ts";
import { type LakeBefore, lakeLocation, plannedLake } from "./planned-lake.ts";
import { plannedLoad } from "./planned-load.ts";

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
