import type { Checkpoint, OnEvent } from "@spacex-etl/contracts";
import type { ObjectStore } from "@spacex-etl/lake-writers";
import { fileStore } from "@spacex-etl/lake-writers/file";
import type { Loader } from "@spacex-etl/warehouse-loaders";
import type { PipelineConfig } from "../config/index.ts";
import { type Api, openApi } from "./api.ts";
import { type Engine, openEngine } from "./engine.ts";
import { failpoint } from "./failpoint.ts";

/** What the caller of a command may hear and stop. */
export interface CommandIo {
  readonly onEvent?: OnEvent | undefined;
  /** Aborted to stop at the next resumable point; its reason becomes the command's error. */
  readonly signal?: AbortSignal | undefined;
}

/** What the steps of one command share, each opened when it is first needed. */
export interface Session extends AsyncDisposable {
  readonly config: PipelineConfig;
  readonly store: ObjectStore;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal | undefined;
  readonly checkpoint: Checkpoint;
  engine(): Promise<Engine>;
  api(): Promise<Api>;
  loader(): Promise<Loader>;
  /** Lets go of the warehouse file and of DuckDB's memory; both are opened again when they are needed. */
  release(): Promise<void>;
}

export function openSession(config: PipelineConfig, io: CommandIo): Session {
  const checkpoint = failpoint(process.env["SPACEX_ETL_FAILPOINT"]);
  let engine: Promise<Engine> | undefined;
  let api: Promise<Api> | undefined;
  let loader: Promise<Loader> | undefined;

  const openOnce = () => (engine ??= openEngine(config.memoryLimit));

  async function openLoader(): Promise<Loader> {
    // DuckDB starts on a thread of its own meanwhile.
    const opening = openOnce();
    opening.catch(() => undefined);
    const { duckdbLoader } = await import("@spacex-etl/warehouse-loaders/duckdb");
    const { connection } = await opening;
    return duckdbLoader({ connection, path: config.warehouse.path, lockTimeoutMs: config.lockTimeoutMs });
  }

  async function release(): Promise<void> {
    const opened = { loader: await settled(loader), engine: await settled(engine) };
    loader = undefined;
    engine = undefined;
    await opened.loader?.[Symbol.asyncDispose]();
    await opened.engine?.[Symbol.asyncDispose]();
  }

  return {
    config,
    store: fileStore({ root: config.lake.directory, checkpoint }),
    onEvent: io.onEvent ?? (() => undefined),
    signal: io.signal,
    checkpoint,
    engine: openOnce,
    api: () => (api ??= openApi(config)),
    loader: () => (loader ??= openLoader()),
    release,
    async [Symbol.asyncDispose]() {
      await release();
      await (await settled(api))?.[Symbol.asyncDispose]();
    },
  };
}

/** What could not be opened needs no closing. */
async function settled<T>(opening: Promise<T> | undefined): Promise<T | undefined> {
  return opening?.catch(() => undefined);
}
