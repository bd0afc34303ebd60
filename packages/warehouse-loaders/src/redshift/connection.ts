import { EtlError } from "@spacex-etl/contracts";
import { abortError, throwIfAborted } from "../loader/load-run.ts";
import { cancelStatement } from "./cancel-statement.ts";
import { credentialsOf } from "./credentials.ts";
import type { RedshiftClient, RedshiftLoaderOptions } from "./options.ts";
import { redshiftError, unanswered } from "./redshift-error.ts";
import type { RedshiftSettings } from "./settings.ts";
import { literal } from "./sql/index.ts";
import { withLimit } from "./with-limit.ts";

/** A connection, and what its owner may do to it. */
export interface OpenConnection {
  readonly client: RedshiftClient;
  /** Whether it was cut: nothing more is asked on it. */
  readonly gone: boolean;
  /** Asks the server to give up the running statement; best effort, for clients of pg. */
  cancel(): void;
  /** Ends the connection without a goodbye; a client of the caller's is only let go of. */
  cut(): void;
  /** Ends the connection, but not a client of the caller's, which gets back its statement time-out. */
  close(): Promise<void>;
}

/** Longest wait for a goodbye, in milliseconds. */
const GOODBYE_MS = 2000;

/**
 * Connects, within the time that the settings give for all of it, and unless the signal comes first: what is made too
 * late is closed.
 *
 * @throws EtlError WAREHOUSE_AUTH, WAREHOUSE_UNREACHABLE, WAREHOUSE_TLS, PEER_MISSING, …
 */
export async function openConnection(
  options: RedshiftLoaderOptions,
  settings: RedshiftSettings,
  signal?: AbortSignal,
): Promise<OpenConnection> {
  throwIfAborted(signal);
  const { location, statementTimeoutMs, connectTimeoutMs } = settings;
  const abandoned = new AbortController();
  const open = async (): Promise<OpenConnection> => {
    const made = await connect(options, settings, abandoned.signal);
    const cut = (): void => made.cut();
    abandoned.signal.addEventListener("abort", cut, { once: true });
    try {
      if (abandoned.signal.aborted) throw unanswered(location, connectTimeoutMs);
      // As a statement: in the startup message Redshift knows no such parameter.
      await made.client.query(`SET statement_timeout TO ${statementTimeoutMs}`);
      return made;
    } catch (error) {
      await made.close();
      throw error;
    } finally {
      abandoned.signal.removeEventListener("abort", cut);
    }
  };
  try {
    return await withLimit(open(), {
      milliseconds: connectTimeoutMs,
      signal,
      late: () => {
        abandoned.abort();
        return signal?.aborted === true ? abortError(signal) : unanswered(location, connectTimeoutMs);
      },
    });
  } catch (error) {
    throw redshiftError(error, location);
  }
}

/** What is seen of a lost connection is the failure of its statement; without a listener the process would end. */
const ignore = (): void => undefined;

async function connect(
  options: RedshiftLoaderOptions,
  settings: RedshiftSettings,
  abandoned: AbortSignal,
): Promise<OpenConnection> {
  if (options.client === undefined) return await ownConnection(options, settings, abandoned);
  if (typeof options.client === "function") return ending(await options.client());
  return await borrowed(options.client);
}

async function borrowed(client: RedshiftClient): Promise<OpenConnection> {
  client.on?.("error", ignore);
  let gone = false;
  // Another setting than the loader's own: it is put back at the end.
  const { rows } = await client
    .query("SELECT current_setting('statement_timeout') AS statement_timeout")
    .catch((error: unknown) => {
      client.off?.("error", ignore);
      throw error;
    });
  const before = String(rows[0]?.["statement_timeout"] ?? "0");
  return {
    client,
    get gone() {
      return gone;
    },
    cancel: () => cancelStatement(client),
    cut: () => {
      gone = true;
    },
    close: async () => {
      if (!gone) await goodbye(client.query(`SET statement_timeout TO ${literal(before)}`));
      client.off?.("error", ignore);
    },
  };
}

/** A client that is the loader's to end. */
function ending(client: RedshiftClient): OpenConnection {
  client.on?.("error", ignore);
  let gone = false;
  const cut = (): void => {
    gone = true;
    const stream = streamOf(client);
    // With a statement under way, `end` of pg destroys the socket.
    if (stream === undefined) void goodbye(client.end());
    else stream.destroy();
  };
  return {
    client,
    get gone() {
      return gone;
    },
    cancel: () => cancelStatement(client),
    cut,
    close: async () => {
      if (gone) return;
      await goodbye(client.end());
      cut();
    },
  };
}

async function ownConnection(
  options: Exclude<RedshiftLoaderOptions, { client: unknown }>,
  { port, connectTimeoutMs }: RedshiftSettings,
  abandoned: AbortSignal,
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
  const { user, password } = await credentialsOf(options, abandoned);
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
  const open = ending(client);
  abandoned.addEventListener("abort", open.cut, { once: true });
  try {
    await client.connect();
  } catch (error) {
    open.cut();
    throw error;
  } finally {
    abandoned.removeEventListener("abort", open.cut);
  }
  return open;
}

/** The socket of a client of pg. */
function streamOf(client: RedshiftClient): { destroy(): void } | undefined {
  return (client as { readonly connection?: { readonly stream?: { destroy(): void } } }).connection?.stream;
}

/** Waits a little for what ends a connection; if it fails, the connection is at its end as well. */
async function goodbye(work: Promise<unknown>): Promise<void> {
  await withLimit(work, { milliseconds: GOODBYE_MS, late: () => undefined }).catch(ignore);
}
