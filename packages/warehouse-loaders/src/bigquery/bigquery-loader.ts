import type { LoadPlan } from "../loader/load-plan.ts";
import type { LoadReport } from "../loader/load-report.ts";
import type { LoadRequest } from "../loader/load-request.ts";
import type { LoadContext, Loader, StagedLoad, TransformEntry, TransformState } from "../loader/loader.ts";
import {
  decideLoad,
  EMPTY_WAREHOUSE,
  knownTables,
  LEDGER,
  REGISTRY,
  TRANSFORMS,
  unusedOption,
} from "../planning/index.ts";
import { type Api, openApi } from "./api.ts";
import { applyLoad } from "./apply.ts";
import { bookkeepingOf, loadScript } from "./build-script.ts";
import { connect } from "./connection.ts";
import { bigqueryDialect } from "./dialect.ts";
import { assertLength, assertLoadable } from "./limits.ts";
import { type LoadScript, statementsOf, textOfScript } from "./load-script.ts";
import { type BigQueryLoaderOptions, type BigQuerySettings, bigquerySettings } from "./options.ts";
import { findPlace, lookForPlace } from "./place.ts";
import { openQueries, type Query, tryStatement } from "./queries.ts";
import { readState } from "./read-state.ts";
import { reconcileStages } from "./reconcile.ts";
import { openSession, runScript, type Session, tableOptions } from "./session.ts";
import * as sql from "./sql/index.ts";
import { type StageFate, stageTables } from "./stage.ts";
import { sweepStages } from "./sweep.ts";

/** What `preflight` planned is what the later phases send, to the letter. */
interface Planned {
  readonly script: LoadScript;
  readonly session: Session;
  readonly fate: StageFate;
}

/**
 * A loader into a BigQuery dataset: one load job per table that changed, then one transaction over all of them. Nothing is
 * opened before the first call. Every job has an id of ours, so that a job whose answer was lost is found, not run twice.
 *
 * `check` has writing and making tables checked by dry runs. Whether the account may make a dataset that is missing is only
 * known when the first load tries.
 *
 * A Parquet file that lacks a column is loaded with NULLs: BigQuery says nothing of it. Only `verify` of the lake finds it.
 *
 * The account needs `roles/bigquery.jobUser` on `jobProject`, `roles/bigquery.dataEditor` on the dataset (on the project,
 * to make it), and `storage.objects.get` on the lake's bucket.
 *
 * @throws EtlError LOADER_OPTIONS of kind `usage`. The calls, beside those of `Loader`: WAREHOUSE_AUTH and
 *   WAREHOUSE_FORBIDDEN (exit 3), WAREHOUSE_QUOTA (5), WAREHOUSE_LOCATION,
 *   WAREHOUSE_EXPIRES, BYTES_BILLED, TOO_MANY_PARTITIONS, PEER_MISSING and those of parts,
 *   tables and columns that BigQuery cannot take (2), WAREHOUSE_MISSING, WAREHOUSE_UNREACHABLE, WAREHOUSE_TIMEOUT,
 *   LOAD_COMMITTED and JOB_CANCELLED (8), PART_MISMATCH, PART_MISSING, PART_CHECKSUM, STAGE_FILES and JOB_MISMATCH (10),
 *   COMMIT_UNKNOWN (that of the signal).
 */
export function bigqueryLoader(options: BigQueryLoaderOptions): Loader {
  return new BigQueryLoader(bigquerySettings(options));
}

class BigQueryLoader implements Loader {
  readonly engine = "bigquery";
  readonly location: string;
  readonly #settings: BigQuerySettings;
  readonly #raw: sql.RawDataset;
  readonly #api: Api;
  readonly #planned = new WeakMap<LoadPlan, Planned>();

  constructor(settings: BigQuerySettings) {
    const { project, dataset, jobProject } = settings;
    this.#settings = settings;
    this.#raw = { project, dataset };
    this.location = `bigquery://${project}/${dataset}`;
    this.#api = openApi(connect(settings), { place: `${project}.${dataset}`, jobProject });
  }

  async preflight(request: LoadRequest, context: LoadContext = {}): Promise<LoadPlan> {
    const place = await findPlace(this.#api, this.#settings, context);
    const session = openSession(this.#api, this.#settings, place.location, request.runId);
    const { state, existing } = place.exists
      ? await readState(session.query, this.#raw, request, context)
      : { state: EMPTY_WAREHOUSE, existing: new Set<string>() };
    const decision = decideLoad(request, state, bigqueryDialect(this.#raw));
    const plan = {
      request,
      ...decision,
      ledgerLoads: state.loads,
      plannedAt: this.#settings.now().toISOString(),
    };
    if (decision.decision !== "load") return { ...plan, statements: [] };
    const { partitionBy } = this.#settings;
    assertLoadable(plan.collections, partitionBy);
    const unused = unusedOption(
      "partitionBy",
      Object.keys(partitionBy),
      knownTables(request, state.registry),
    );
    const script = loadScript(plan, {
      raw: this.#raw,
      options: tableOptions(this.#settings),
      partitionBy,
      createIn: place.exists ? undefined : place.location,
      existing,
    });
    assertLength(textOfScript(script.transaction));
    const warnings = [...plan.warnings, ...unused];
    const planned = { ...plan, warnings, statements: statementsOf(script) };
    this.#planned.set(planned, { script, session, fate: { committed: false } });
    return planned;
  }

  stage(plan: LoadPlan, context: LoadContext = {}): Promise<StagedLoad> {
    const { session, script, fate } = this.#of(plan);
    return stageTables(session, plan, script, context, fate);
  }

  reconcile(plan: LoadPlan, _staged: StagedLoad, context: LoadContext = {}): Promise<void> {
    const { session, script } = this.#of(plan);
    return reconcileStages(session, plan, script, context);
  }

  apply(plan: LoadPlan, staged: StagedLoad, context: LoadContext = {}): Promise<LoadReport> {
    const { session, script, fate } = this.#of(plan);
    return applyLoad(session, plan, staged, script, bigqueryDialect(this.#raw), context, fate);
  }

  async check(context: Pick<LoadContext, "signal"> = {}): Promise<void> {
    const { location, exists } = await findPlace(this.#api, this.#settings, context);
    // No bytes are read, but it is a job: the permission that dataEditor does not give.
    const query = this.#query(location);
    await query("run a query", "SELECT 1 AS one", context);
    // Whether a dataset may be made is only known when it is tried.
    if (!exists) return;
    const names = await this.#bookkeeping(query, context);
    const probes = [
      sql.createLock(this.#raw, tableOptions(this.#settings)),
      ...(names.has(sql.LOCK) ? [sql.probeLock(this.#raw)] : []),
    ];
    for (const probe of probes)
      await tryStatement(this.#api, this.#settings, location, "try to write", probe, context);
  }

  async transformState(context: Pick<LoadContext, "signal"> = {}): Promise<TransformState> {
    const place = await lookForPlace(this.#api, this.#settings, context);
    if (place?.exists !== true) return { changedAt: null, last: null };
    const query = this.#query(place.location);
    const existing = await this.#bookkeeping(query, context);
    const [ledger] = existing.has(LEDGER.name)
      ? await query("read the ledger", sql.readChangedAt(this.#raw), context)
      : [];
    const [last] = existing.has(TRANSFORMS.name)
      ? await query("read the transforms", sql.readLastTransform(this.#raw), context)
      : [];
    return {
      changedAt: ledger?.["changed_at"] ?? null,
      last:
        last === undefined
          ? null
          : {
              projectSha256: last["project_sha256"] ?? "",
              changedAt: last["changed_at"] ?? null,
              finishedAt: last["finished_at"] ?? "",
            },
    };
  }

  async recordTransform(entry: TransformEntry): Promise<void> {
    const place = await findPlace(this.#api, this.#settings, {});
    const session = openSession(this.#api, this.#settings, place.location, entry.runId);
    const existing = place.exists ? await this.#bookkeeping(session.query, {}) : new Set<string>();
    const options = tableOptions(this.#settings);
    const createIn = place.exists ? undefined : place.location;
    const insert = sql.insertTransform(this.#raw, entry);
    await runScript(
      session,
      "record a transform",
      "transform",
      [
        ...bookkeepingOf({ raw: this.#raw, options, createIn, existing }),
        { name: "record transform", phase: "schema", purpose: "ledger", table: TRANSFORMS.name, sql: insert },
      ],
      {},
    );
  }

  sweep(
    olderThan: Date,
    options: Pick<LoadContext, "signal"> & { readonly dryRun?: boolean | undefined } = {},
  ): Promise<readonly string[]> {
    return sweepStages(this.#api, this.#raw, olderThan, options);
  }

  /** Nothing stays open between calls. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #query(location: string): Query {
    return openQueries(this.#api, this.#settings, location, this.#settings.labels);
  }

  /** Names of the loader's own tables that are there. */
  async #bookkeeping(query: Query, context: Pick<LoadContext, "signal">): Promise<ReadonlySet<string>> {
    const names = [LEDGER.name, REGISTRY.name, TRANSFORMS.name, sql.LOCK];
    const rows = await query("read the catalog", sql.readCatalog(this.#raw, names), context);
    return new Set(rows.map((row) => row["table_name"] ?? ""));
  }

  #of(plan: LoadPlan): Planned {
    const planned = this.#planned.get(plan);
    if (planned === undefined) throw new TypeError("The plan is not one of this loader's preflight.");
    return planned;
  }
}
