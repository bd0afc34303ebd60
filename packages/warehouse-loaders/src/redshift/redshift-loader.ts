import { EtlError } from "@spacex-etl/contracts";
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadPlan } from "../loader/load-plan.ts";
import type { LoadReport } from "../loader/load-report.ts";
import type { LoadRequest } from "../loader/load-request.ts";
import { abortError } from "../loader/load-run.ts";
import type { LoadContext, Loader, StagedLoad, TransformEntry, TransformState } from "../loader/loader.ts";
import {
  applyLoad,
  type LoadScript,
  type MergeSql,
  readState,
  readTransformState,
  reconcileStages,
  statementsOf,
} from "../merge/index.ts";
import { decideLoad, TRANSFORMS } from "../planning/index.ts";
import { compileLoad, presentIn, readingSql } from "./compile.ts";
import { commitOutcome } from "./commit-outcome.ts";
import { type OpenConnection, openConnection } from "./connection.ts";
import { redshiftDialect } from "./dialect.ts";
import { assertGrants } from "./grants.ts";
import type { RedshiftLoaderOptions } from "./options.ts";
import { isLost } from "./redshift-error.ts";
import { type RedshiftSession, session } from "./session.ts";
import { type RedshiftSettings, settingsOf } from "./settings.ts";
import * as sql from "./sql/index.ts";
import { stageTables } from "./stage.ts";

/**
 * A loader into a schema of a Redshift cluster or workgroup. It connects at the first call that needs it, and keeps the
 * connection until it is closed: the stages are temporary tables of that session. The tables are filled in one
 * transaction, behind a lock that all loaders take.
 *
 * Errors beside those of `Loader`: LOADER_OPTIONS, NAME_UNSUPPORTED, PART_URI, WAREHOUSE_LOCATION and PEER_MISSING (exit 2),
 * WAREHOUSE_AUTH, WAREHOUSE_FORBIDDEN and WAREHOUSE_ROLE (3), WAREHOUSE_QUOTA (5), VALUE_TOO_LONG (7), WAREHOUSE_MISSING,
 * WAREHOUSE_UNREACHABLE, WAREHOUSE_TLS, WAREHOUSE_DISK_FULL, WAREHOUSE_REFUSED, JOB_CANCELLED, COPY_MANIFEST and
 * COMMIT_UNKNOWN (8), PART_MISSING and PART_MISMATCH (10).
 *
 * @throws EtlError LOADER_OPTIONS or NAME_UNSUPPORTED of kind `usage`
 */
export function redshiftLoader(options: RedshiftLoaderOptions): Loader {
  return new RedshiftLoader(options);
}

/** The first pause after a conflict, in milliseconds; each is twice as long as the one before. */
const CONFLICT_PAUSE_MS = 200;

class RedshiftLoader implements Loader {
  readonly engine = "redshift";
  readonly location: string;
  readonly #options: RedshiftLoaderOptions;
  readonly #settings: RedshiftSettings;
  readonly #reading: MergeSql;
  #open: OpenConnection | undefined;
  /** What `preflight` planned is what the later phases execute, to the letter. */
  readonly #scripts = new WeakMap<LoadPlan, LoadScript>();
  /** The connection that has the stages: with another they are gone. */
  readonly #stagedOn = new WeakMap<StagedLoad, OpenConnection>();
  #conflicts = 0;

  constructor(options: RedshiftLoaderOptions) {
    this.#options = options;
    this.#settings = settingsOf(options);
    this.#reading = readingSql(this.#settings);
    this.location = this.#settings.location;
  }

  async preflight(request: LoadRequest, context: LoadContext = {}): Promise<LoadPlan> {
    return this.#attempt(context, async (open) => {
      const { schema, now } = this.#settings;
      const state = await readState(open, this.#reading, request);
      const decision = decideLoad(request, state, redshiftDialect(schema, state.tables));
      const plan = { request, ...decision, ledgerLoads: state.loads, plannedAt: now().toISOString() };
      const script =
        decision.decision === "load" ? await compileLoad(open, this.#settings, plan, state) : undefined;
      const planned = { ...plan, statements: script === undefined ? [] : statementsOf(script) };
      if (script !== undefined) this.#scripts.set(planned, script);
      return planned;
    });
  }

  async stage(plan: LoadPlan, context: LoadContext = {}): Promise<StagedLoad> {
    return this.#attempt(context, async (open, connection) => {
      const script = await this.#script(plan, open);
      const staged = await stageTables(open, script, plan.request.runId, this.#settings, context);
      this.#stagedOn.set(staged, connection);
      return staged;
    });
  }

  async reconcile(plan: LoadPlan, staged: StagedLoad, context: LoadContext = {}): Promise<void> {
    await this.#attempt(context, async (open, connection) => {
      this.#assertStaged(staged, connection);
      await reconcileStages(open, plan, await this.#script(plan, open), this.#reading);
    });
  }

  async apply(plan: LoadPlan, staged: StagedLoad, context: LoadContext = {}): Promise<LoadReport> {
    return this.#attempt(context, async (open, connection) => {
      this.#assertStaged(staged, connection);
      const script = await this.#script(plan, open);
      const { schema } = this.#settings;
      const report = await applyLoad(
        open,
        plan,
        staged,
        script,
        {
          sql: this.#reading,
          location: this.location,
          dialect: redshiftDialect(schema),
          writeLedger: async (statement, { changed, counts }) =>
            void (await open.write(statement, [changed, counts])),
          reset: [],
          afterFailedCommit: (error) => commitOutcome(error, this.#reconnect(), this.#settings, plan.request),
        },
        context,
      );
      this.#conflicts = 0;
      return report;
    });
  }

  async check(context: Pick<LoadContext, "signal"> = {}): Promise<void> {
    await this.#attempt(context, async (open) => {
      const { schema } = this.#settings;
      const found = await presentIn(open, this.#settings);
      await assertGrants(open, this.location, { schema, present: found.schema, tables: found.tables });
    });
  }

  async transformState(context: Pick<LoadContext, "signal"> = {}): Promise<TransformState> {
    return this.#attempt(context, (open) => readTransformState(open, this.#reading));
  }

  async recordTransform(entry: TransformEntry): Promise<void> {
    await this.#attempt({}, async (open) => {
      const { schema, varcharBytes } = this.#settings;
      const present = await presentIn(open, this.#settings);
      const widths = sql.widthsOf(varcharBytes);
      for (const statement of sql.prepare({ schema, widths, present })) {
        if (statement.table === null || statement.table === TRANSFORMS.name) await open.execute(statement);
      }
      await open.rows(sql.insertTransform(schema, entry));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.close();
  }

  /** Works on the connection, lets go of one that was lost, and waits a little after a conflict before it is planned again. */
  async #attempt<T>(
    context: LoadContext,
    work: (open: RedshiftSession, connection: OpenConnection) => Promise<T>,
  ): Promise<T> {
    const connection = (this.#open ??= await openConnection(this.#options, this.#settings, context.signal));
    try {
      return await work(session(connection, this.#settings, context), connection);
    } catch (error) {
      if (isLost(error) && this.#open === connection) await this.close();
      if (EtlError.isInstance(error) && error.code === "WAREHOUSE_CHANGED") await this.#pause(context.signal);
      throw error;
    }
  }

  async #pause(signal: AbortSignal | undefined): Promise<void> {
    const pause = CONFLICT_PAUSE_MS * 2 ** Math.min(this.#conflicts, 5) * (0.5 + Math.random());
    this.#conflicts += 1;
    try {
      await sleep(pause, undefined, { signal });
    } catch {
      throw abortError(signal!);
    }
  }

  #reconnect(): (() => Promise<RedshiftSession>) | undefined {
    const { client } = this.#options;
    if (client !== undefined && typeof client !== "function") return undefined;
    return async () => {
      await this.close();
      this.#open = await openConnection(this.#options, this.#settings);
      return session(this.#open, this.#settings);
    };
  }

  #assertStaged(staged: StagedLoad, connection: OpenConnection): void {
    if (staged.tables.length === 0 || this.#stagedOn.get(staged) === connection) return;
    throw new EtlError({
      kind: "destination",
      code: "WAREHOUSE_UNREACHABLE",
      message: `The connection to ${this.location} that had the stages was lost; nothing was changed.`,
      hint: "Run again with the same run id.",
    });
  }

  async #script(plan: LoadPlan, open: RedshiftSession): Promise<LoadScript> {
    const planned = this.#scripts.get(plan);
    if (planned !== undefined) return planned;
    // A plan of another loader: what it depends on is read again.
    const state = await readState(open, this.#reading, plan.request);
    return compileLoad(open, this.#settings, plan, state);
  }
}
