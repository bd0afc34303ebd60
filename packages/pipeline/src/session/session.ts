import type { Checkpoint, OnEvent } from "@spacex-etl/contracts";
import { type ObjectStore, openLake } from "@spacex-etl/lake-writers";
import type { Loader } from "@spacex-etl/warehouse-loaders";
import type { PipelineConfig } from "../config/index.ts";
import { type Api, openApi } from "./api.ts";
import { type Engine, openEngine } from "./engine.ts";
import { failpoint } from "./failpoint.ts";
import { openLoader } from "./open-loader.ts";

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
  /** Lets go of the warehouse and of DuckDB's memory; both are opened again when they are needed. */
  release(): Promise<void>;
}

/** What a command may want of its session that is no setting. */
export interface SessionOptions {
  /** How long a request to a bucket is tried again, in milliseconds; by default the driver's two minutes. */
  readonly lakeDeadlineMs?: number | undefined;
}

/** Sends nothing yet; of a bucket the driver and its SDK are loaded. */
export async function openSession(
  config: PipelineConfig,
  io: CommandIo,
  { lakeDeadlineMs }: SessionOptions = {},
): Promise<Session> {
  const checkpoint = failpoint(process.env["SPACEX_ETL_FAILPOINT"]);
  const onEvent = io.onEvent ?? (() => undefined);
  const bucket = lakeDeadlineMs === undefined ? {} : { deadlineMs: lakeDeadlineMs };
  const store = await openLake(config.lake.location, {
    checkpoint,
    onRetry: (retry) => onEvent({ type: "retry", ...retry }),
    s3: bucket,
    gcs: bucket,
  });
  let engine: Promise<Engine> | undefined;
  let api: Promise<Api> | undefined;
  let loader: Promise<Loader> | undefined;

  const openOnce = () => (engine ??= openEngine(config.memoryLimit));

  async function release(): Promise<void> {
    const opened = { loader: await settled(loader), engine: await settled(engine) };
    loader = undefined;
    engine = undefined;
    await opened.loader?.[Symbol.asyncDispose]();
    await opened.engine?.[Symbol.asyncDispose]();
  }

  return {
    config,
    store,
    onEvent,
    signal: io.signal,
    checkpoint,
    engine: openOnce,
    api: () => (api ??= openApi(config)),
    loader: () => (loader ??= openLoader({ config, store, engine: openOnce })),
    release,
    async [Symbol.asyncDispose]() {
      await release();
      await (await settled(api))?.[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]?.();
    },
  };
}

/** What could not be opened needs no closing. */
async function settled<T>(opening: Promise<T> | undefined): Promise<T | undefined> {
  return opening?.catch(() => undefined);
}
