import { type DuckDBConnectionLike, EtlError } from "@spacex-etl/contracts";
import { resolve } from "node:path";
import type { LoadPlan } from "../loader/load-plan.ts";
import type { LoadReport } from "../loader/load-report.ts";
import type { LoadRequest } from "../loader/load-request.ts";
import type { LoadContext, Loader, StagedLoad, TransformEntry, TransformState } from "../loader/loader.ts";
import { decideLoad, EMPTY_WAREHOUSE, TRANSFORMS } from "../planning/index.ts";
import {
  applyLoad,
  type ApplySettings,
  type LoadScript,
  loadScript,
  type MergeSql,
  readState,
  readTransformState,
  reconcileStages,
  type Session,
  statementsOf,
} from "../merge/index.ts";
import { type OwnedConnection, openConnection } from "./connection.ts";
import { createFile } from "./create-file.ts";
import { duckdbDialect } from "./dialect.ts";
import type { DuckDBLoaderOptions } from "./options.ts";
import { session } from "./session.ts";
import * as sql from "./sql/index.ts";
import { stageTables } from "./stage.ts";
import { assertWritable, attachWhenFree, fileExists } from "./warehouse-file.ts";

/**
 * A loader into a DuckDB file. Nothing is opened before the first call; from `preflight` on, the file is locked until
 * the loader is disposed, so dispose it before anything else (dbt) opens the file.
 *
 * Errors beside those of `Loader`: WAREHOUSE_NOT_DUCKDB, WAREHOUSE_DAMAGED, WAREHOUSE_PATH (exit 8, not retryable),
 * WAREHOUSE_NEWER (exit 6), WAREHOUSE_UNWRITABLE (exit 3), ALIAS_TAKEN and PEER_MISSING (exit 2), PART_MISSING,
 * PART_CHECKSUM, PART_UNREADABLE and PART_COLUMNS (exit 10).
 */
export function duckdbLoader(options: DuckDBLoaderOptions): Loader {
  return new DuckDBLoader(options);
}

class DuckDBLoader implements Loader {
  readonly engine = "duckdb";
  readonly location: string;
  readonly #options: DuckDBLoaderOptions;
  readonly #raw: sql.RawSchema;
  readonly #lockTimeoutMs: number;
  readonly #now: () => Date;
  #owned: OwnedConnection | undefined;
  #release: (() => void) | undefined;
  /** What `preflight` planned is what the later phases execute, to the letter. */
  readonly #scripts = new WeakMap<LoadPlan, LoadScript>();

  constructor(options: DuckDBLoaderOptions) {
    this.#options = options;
    this.location = resolve(options.path);
    this.#raw = { database: options.alias ?? "warehouse", schema: options.schema ?? "raw" };
    this.#lockTimeoutMs = options.lockTimeoutMs ?? 5000;
    this.#now = options.now ?? (() => new Date());
  }

  async preflight(request: LoadRequest, context: LoadContext = {}): Promise<LoadPlan> {
    const dialect = duckdbDialect(this.#raw.schema);
    const open = await this.#open("existing", context);
    const state = open === undefined ? EMPTY_WAREHOUSE : await readState(open, this.#sql(), request);
    const decision = decideLoad(request, state, dialect);
    const plan = {
      request,
      ...decision,
      ledgerLoads: state.loads,
      plannedAt: this.#now().toISOString(),
    };
    const script =
      decision.decision === "load" ? loadScript(plan, this.#sql(await this.#ordered(open))) : undefined;
    const planned = { ...plan, statements: script === undefined ? [] : statementsOf(script) };
    if (script !== undefined) this.#scripts.set(planned, script);
    return planned;
  }

  async stage(plan: LoadPlan, context: LoadContext = {}): Promise<StagedLoad> {
    const open = await this.#open("create", context);
    const script = await this.#script(plan, open);
    return stageTables(open, script, this.#options.localPart, context.signal);
  }

  async reconcile(plan: LoadPlan, _staged: StagedLoad, context: LoadContext = {}): Promise<void> {
    const open = await this.#open("create", context);
    await reconcileStages(open, plan, await this.#script(plan, open), this.#sql());
  }

  async apply(plan: LoadPlan, staged: StagedLoad, context: LoadContext = {}): Promise<LoadReport> {
    const open = await this.#open("create", context);
    const script = await this.#script(plan, open);
    const settings: ApplySettings = {
      sql: this.#sql(),
      location: this.location,
      dialect: duckdbDialect(this.#raw.schema),
      writeLedger: async (statement, { changed, counts }) => {
        await open.rows(sql.setLoadResult(changed, counts));
        await open.execute(statement);
      },
      reset: [sql.RESET_VARIABLES],
    };
    return applyLoad(open, plan, staged, script, settings, context);
  }

  async check(context: Pick<LoadContext, "signal"> = {}): Promise<void> {
    await assertWritable(this.location);
    if (this.#release !== undefined || !(await fileExists(this.location))) return;
    // A log beside the file was left by a process that died. Opened for reading, it is not worked off.
    const mode = (await fileExists(`${this.location}.wal`)) ? "READ_ONLY" : "READ_WRITE";
    const connection = await this.#connection();
    await this.#attach(connection, mode, context.signal);
    await this.#detach(connection);
  }

  async transformState(context: Pick<LoadContext, "signal"> = {}): Promise<TransformState> {
    return readTransformState(await this.#open("existing", context), this.#sql());
  }

  async recordTransform(entry: TransformEntry): Promise<void> {
    const open = await this.#open("create", {});
    for (const statement of [
      sql.createSchema(this.#raw),
      sql.createTable(this.#raw, TRANSFORMS, true),
      sql.insertTransform(this.#raw, entry),
    ]) {
      await open.rows(statement);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    const owned = this.#owned;
    try {
      if (this.#release !== undefined) await this.#detach(await this.#connection());
    } finally {
      if (owned !== undefined) {
        owned.close();
        this.#owned = undefined;
        this.#free();
      }
    }
  }

  async #open(mode: "create", context: LoadContext): Promise<Session>;
  async #open(mode: "existing", context: LoadContext): Promise<Session | undefined>;
  async #open(mode: "create" | "existing", context: LoadContext): Promise<Session | undefined> {
    if (this.#release === undefined) {
      const exists = await fileExists(this.location);
      if (!exists && mode === "existing") return undefined;
      const connection = await this.#connection();
      if (!exists) await this.#create(connection, context);
      await this.#attach(connection, "READ_WRITE", context.signal);
    }
    return session(await this.#connection(), this.location, context);
  }

  async #connection(): Promise<DuckDBConnectionLike> {
    const { connection } = this.#options;
    if (connection !== undefined) return connection;
    this.#owned ??= await openConnection({
      memoryLimit: this.#options.memoryLimit,
      tempDirectory: this.#options.tempDirectory ?? `${this.location}.tmp`,
    });
    return this.#owned.connection;
  }

  async #create(connection: DuckDBConnectionLike, context: LoadContext): Promise<void> {
    const alias = `${this.#raw.database}_new`;
    await createFile(this.location, async (draft) => {
      await connection.run(sql.attachNew(draft, alias));
      await connection.run(sql.detach(alias));
      await context.checkpoint?.("load.before-create-file");
    });
    await context.checkpoint?.("load.after-create-file");
  }

  async #attach(
    connection: DuckDBConnectionLike,
    mode: "READ_ONLY" | "READ_WRITE",
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const alias = this.#raw.database;
    const attach = async () => {
      try {
        await connection.run(sql.attach(this.location, alias, mode));
      } catch (cause) {
        if (!/database with name .* already exists/.test(String(cause))) throw cause;
        throw new EtlError({
          kind: "usage",
          code: "ALIAS_TAKEN",
          message: `The DuckDB connection already has a database named ${alias}.`,
          hint: "Detach it, or give the loader another alias.",
          cause,
        });
      }
    };
    this.#release = await attachWhenFree(this.location, attach, this.#lockTimeoutMs, signal);
  }

  async #detach(connection: DuckDBConnectionLike): Promise<void> {
    await session(connection, this.location).finish(sql.detach(this.#raw.database));
    this.#free();
  }

  #free(): void {
    this.#release?.();
    this.#release = undefined;
  }

  async #script(plan: LoadPlan, open: Session): Promise<LoadScript> {
    const planned = this.#scripts.get(plan);
    return planned ?? loadScript(plan, this.#sql(await this.#ordered(open)));
  }

  #sql(ordered = false): MergeSql {
    return sql.duckdbSql({ raw: this.#raw, ordered });
  }

  /** Whether statements must ask for the order of the files: the session's own setting may have given it up. */
  async #ordered(open: Session | undefined): Promise<boolean> {
    const { connection } = this.#options;
    if (connection === undefined) return false;
    const [row] = await (open ?? session(connection, this.location)).rows(
      "SELECT current_setting('preserve_insertion_order') AS kept",
    );
    return row?.["kept"] !== true;
  }
}
