import { EtlError } from "@spacex-etl/contracts";
import type { LoadPlan, LoadWarning } from "../loader/load-plan.ts";
import type { LoadReport } from "../loader/load-report.ts";
import type { LoadRequest } from "../loader/load-request.ts";
import type { LoadContext, Loader, StagedLoad, TransformEntry, TransformState } from "../loader/loader.ts";
import {
  applyLoad,
  type ApplySettings,
  type LoadScript,
  type MergeSql,
  readState,
  readTransformState,
  reconcileStages,
  statementsOf,
} from "../merge/index.ts";
import { decideLoad, TRANSFORMS } from "../planning/index.ts";
import { compileLoad, presentIn, readingSql } from "./compile.ts";
import { commitOutcome, type Witness } from "./commit-outcome.ts";
import { type OpenConnection, openConnection } from "./connection.ts";
import { redshiftDialect } from "./dialect.ts";
import { assertGrants, assertTableGrants, grantsOf, neededOf } from "./grants.ts";
import { checkLayout } from "./layout-options.ts";
import type { RedshiftLoaderOptions } from "./options.ts";
import { isLost } from "./redshift-error.ts";
import { pause, repeated } from "./repeated.ts";
import { type RedshiftSession, session } from "./session.ts";
import { type RedshiftSettings, settingsOf } from "./settings.ts";
import * as sql from "./sql/index.ts";
import { stageTables } from "./stage.ts";
import { writeLedger } from "./write-ledger.ts";

/**
 * A loader into a schema of a Redshift cluster or workgroup. It connects at the first call that needs it, and keeps the
 * connection until it is closed: the stages are temporary tables of that session. The tables are filled in one
 * transaction, behind a lock that all loaders take.
 *
 * Errors beside those of `Loader`: LOADER_OPTIONS, NAME_UNSUPPORTED, PART_URI, WAREHOUSE_LOCATION and PEER_MISSING (exit 2),
 * WAREHOUSE_AUTH, WAREHOUSE_FORBIDDEN and WAREHOUSE_ROLE (3), WAREHOUSE_QUOTA and WAREHOUSE_CONFLICT (5), VALUE_TOO_LONG (7), WAREHOUSE_MISSING,
 * WAREHOUSE_UNREACHABLE, WAREHOUSE_TLS, WAREHOUSE_DISK_FULL, WAREHOUSE_REFUSED, LAKE_UNREADABLE, JOB_CANCELLED,
 * COPY_MANIFEST and COMMIT_UNKNOWN (8), PART_MISSING and PART_MISMATCH (10).
 *
 * @throws EtlError LOADER_OPTIONS or NAME_UNSUPPORTED of kind `usage`
 */
export function redshiftLoader(options: RedshiftLoaderOptions): Loader {
  return new RedshiftLoader(options);
}

/** About how long is waited before a load is planned again, in milliseconds. */
const CHANGED_PAUSE_MS = 300;

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

  constructor(options: RedshiftLoaderOptions) {
    this.#options = options;
    this.#settings = settingsOf(options);
    this.#reading = readingSql(this.#settings);
    this.location = this.#settings.location;
  }

  async preflight(request: LoadRequest, context: LoadContext = {}): Promise<LoadPlan> {
    return this.#attempt(context, async (open) => {
      const { schema, now } = this.#settings;
      const state = await readState(open, this.#reading, request).catch(async (error: unknown) => {
        await this.#assertReadable(open, request, error);
        throw error;
      });
      const decision = decideLoad(request, state, redshiftDialect(schema, state.tables));
      const unused: LoadWarning[] = [];
      if (decision.decision === "load") {
        unused.push(...checkLayout(this.#options, request, state.registry));
        await assertTableGrants(open, this.location, schema, grantsOf(decision.collections));
      }
      const warnings = [...decision.warnings, ...unused];
      const plan = {
        request,
        ...decision,
        warnings,
        ledgerLoads: state.loads,
        plannedAt: now().toISOString(),
      };
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
      const { schema, conflictPauseMs } = this.#settings;
      const settings: ApplySettings = {
        sql: this.#reading,
        location: this.location,
        dialect: redshiftDialect(schema),
        writeLedger: (statement, result) => writeLedger(open, statement, result),
        reset: [],
        afterFailedCommit: (error) => commitOutcome(error, this.#witness(), this.#settings, plan.request),
        letGo: () => this.close(),
      };
      return await repeated(
        () => applyLoad(open, plan, staged, script, settings, context),
        conflictPauseMs,
        context.signal,
      );
    });
  }

  async check(context: Pick<LoadContext, "signal"> = {}): Promise<void> {
    await this.#attempt(context, async (open) => {
      const { schema } = this.#settings;
      const found = await presentIn(open, this.#settings);
      await assertGrants(open, this.location, schema, found.schema, this.#reading);
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
      if (EtlError.isInstance(error) && error.code === "WAREHOUSE_CHANGED")
        await pause(CHANGED_PAUSE_MS, context.signal);
      throw error;
    }
  }

  /** Undefined where the connection is the caller's and cannot be replaced. */
  #witness(): Witness | undefined {
    const { client } = this.#options;
    if (client !== undefined && typeof client !== "function") return undefined;
    return {
      open: async () => {
        await this.close();
        this.#open = await openConnection(this.#options, this.#settings);
        return session(this.#open, this.#settings);
      },
      close: () => this.close(),
    };
  }

  /** Says which GRANTs are missing where the state could not be read for want of them. */
  async #assertReadable(open: RedshiftSession, request: LoadRequest, error: unknown): Promise<void> {
    if (!EtlError.isInstance(error) || error.code !== "WAREHOUSE_FORBIDDEN") return;
    const tables = request.collections.flatMap((collection) => collection.tables);
    await assertTableGrants(
      open,
      this.location,
      this.#settings.schema,
      tables.map(({ spec }) => neededOf(spec.name)),
    );
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
