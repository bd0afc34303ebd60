import { EtlError } from "@spacex-etl/contracts";
import { connect as connectSocket } from "node:net";
import { abortError, throwIfAborted } from "../loader/load-run.ts";
import type { RedshiftClient, RedshiftCredentials, RedshiftLoaderOptions } from "./options.ts";
import { redshiftError } from "./redshift-error.ts";
import type { RedshiftSettings } from "./settings.ts";

/** A connection, and what its owner may do to it. */
export interface OpenConnection {
  readonly client: RedshiftClient;
  /** Asks the server to give up the running statement; best effort, for clients of pg. */
  cancel(): void;
  /** Cuts the connection, so that a statement that nobody answers ends. */
  cut(): void;
  /** Ends the connection, but not a client of the caller's. */
  close(): Promise<void>;
}

/** Longest wait for a goodbye, in milliseconds. */
const GOODBYE_MS = 2000;
/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
const CANCEL_REQUEST = 80_877_102;

/**
 * Connects, unless the signal comes first: a connection that is made too late is closed.
 *
 * @throws EtlError WAREHOUSE_AUTH, WAREHOUSE_UNREACHABLE, WAREHOUSE_TLS, PEER_MISSING, …
 */
export async function openConnection(
  options: RedshiftLoaderOptions,
  settings: RedshiftSettings,
  signal?: AbortSignal,
): Promise<OpenConnection> {
  throwIfAborted(signal);
  const opening = open(options, settings);
  if (signal === undefined) return opening;
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => {
    reject(abortError(signal));
    void opening.then((late) => late.close()).catch(ignore);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([opening, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function open(options: RedshiftLoaderOptions, settings: RedshiftSettings): Promise<OpenConnection> {
  const { location, statementTimeoutMs } = settings;
  if (options.client !== undefined && typeof options.client !== "function") return borrowed(options.client);
  try {
    const made = await (options.client === undefined
      ? ownConnection(options, settings)
      : options.client().then(lent));
    try {
      // As a statement: in the startup message Redshift knows no such parameter.
      await made.client.query(`SET statement_timeout TO ${statementTimeoutMs}`);
    } catch (error) {
      await made.close();
      throw error;
    }
    return made;
  } catch (error) {
    throw redshiftError(error, location);
  }
}

/** What is seen of a lost connection is the failure of its statement; without a listener the process would end. */
const ignore = (): void => undefined;

function borrowed(client: RedshiftClient): OpenConnection {
  client.on?.("error", ignore);
  return {
    client,
    cancel: () => cancelStatement(client),
    cut: ignore,
    close: () => {
      client.off?.("error", ignore);
      return Promise.resolve();
    },
  };
}

function lent(client: RedshiftClient): OpenConnection {
  client.on?.("error", ignore);
  return {
    client,
    cancel: () => cancelStatement(client),
    // With a statement under way, `end` of pg destroys the socket.
    cut: () => void endQuietly(client),
    close: () => endQuietly(client),
  };
}

async function ownConnection(
  options: Exclude<RedshiftLoaderOptions, { client: unknown }>,
  { port, connectTimeoutMs }: RedshiftSettings,
): Promise<OpenConnection> {
  const { Client } = await import("pg").catch((cause: unknown) => {
    throw new EtlError({
      kind: "usage",
      code: "PEER_MISSING",
      message: "The Redshift loader needs the package pg, which cannot be loaded.",
      hint: "Install it: npm install pg — or pass a client of your own.",
      cause,
    });
  });
  const { host, database, ssl = "verify-full", ca } = options;
  const { user, password } = await credentialsOf(options);
  const client = new Client({
    host,
    port,
    database,
    user,
    password,
    ssl:
      ssl === "disable"
        ? false
        : { rejectUnauthorized: ssl === "verify-full", ...(ca === undefined ? {} : { ca }) },
    connectionTimeoutMillis: connectTimeoutMs,
    // A load balancer forgets connections that are silent during a long COPY.
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    application_name: "spacex-etl",
  });
  client.on("error", ignore);
  const stream = () =>
    (client as unknown as { connection?: { stream?: { destroy(): void } } }).connection?.stream;
  try {
    await client.connect();
  } catch (error) {
    stream()?.destroy();
    throw error;
  }
  return {
    client,
    cancel: () => cancelStatement(client),
    cut: () => stream()?.destroy(),
    close: async () => {
      const force = setTimeout(() => stream()?.destroy(), GOODBYE_MS);
      await endQuietly(client);
      clearTimeout(force);
    },
  };
}

async function credentialsOf(
  options: Exclude<RedshiftLoaderOptions, { client: unknown }>,
): Promise<RedshiftCredentials> {
  try {
    const { user, password } =
      options.credentials === undefined
        ? {
            user: options.user,
            password: typeof options.password === "function" ? await options.password() : options.password,
          }
        : await options.credentials();
    if (typeof password === "string" && password !== "" && user !== "") return { user, password };
  } catch (cause) {
    throw noCredentials("could not be had", cause);
  }
  throw noCredentials("are empty", undefined);
}

function noCredentials(problem: string, cause: unknown): EtlError {
  if (EtlError.isInstance(cause)) return cause;
  return new EtlError({
    kind: "auth",
    code: "WAREHOUSE_AUTH",
    message: `The credentials for Redshift ${problem}.`,
    hint: "Look at what gives them: the password's variable, or the role that may ask for temporary ones.",
    cause,
  });
}

async function endQuietly(client: RedshiftClient): Promise<void> {
  try {
    await client.end();
  } catch {
    // It is gone as well.
  }
}

/** A request of its own on a connection of its own, which the server closes; nobody waits for it. */
function cancelStatement(client: object): void {
  const { host, port, processID, secretKey } = client as Readonly<Record<string, unknown>>;
  if (typeof host !== "string" || typeof port !== "number") return;
  if (typeof processID !== "number" || typeof secretKey !== "number") return;
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(CANCEL_REQUEST, 4);
  request.writeInt32BE(processID, 8);
  request.writeInt32BE(secretKey, 12);
  const socket = connectSocket({ host, port, timeout: GOODBYE_MS });
  socket.unref();
  socket.on("error", ignore);
  socket.on("timeout", () => socket.destroy());
  socket.end(request);
}
