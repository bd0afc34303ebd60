import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { EtlError } from "@spacex-etl/contracts/errors";
import { MAX_TIMER_MS } from "../remote/index.ts";
import type { S3Settings } from "./options.ts";

/** The SDK, loaded with the first request: it takes longer to load than everything else of a command. */
export type Sdk = typeof import("@aws-sdk/client-s3");

/** The SDK and the client to use it with. */
export interface Connection {
  readonly sdk: Sdk;
  readonly client: S3Client;
}

/** Opens with the first use. */
export interface Connector {
  open(): Promise<Connection>;
  /** Closes the sockets of a client of the store's own. */
  close(): Promise<void>;
}

/** More at once wait for a free one. */
const MAX_SOCKETS = 64;
const CONNECT_MS = 10_000;
/** The store itself gives up what stalls; this is for what it cannot see: the blanks that S3 sends while it completes. */
const SOCKET_STALLS = 4;

/** The SDK writes to the console that it does not retry streams. The store does, and says so by `onRetry`. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

export function connector(options: S3Settings): Connector {
  let opened: Promise<Connection> | undefined;
  const connect = async (): Promise<Connection> => {
    const sdk = await peer("@aws-sdk/client-s3", () => import("@aws-sdk/client-s3"));
    return { sdk, client: options.client ?? (await ownClient(sdk, options)) };
  };
  return {
    open: () =>
      (opened ??= connect().catch((error: unknown) => {
        opened = undefined;
        throw error;
      })),
    async close() {
      const closing = opened;
      opened = undefined;
      if (options.client === undefined) (await closing?.catch(() => undefined))?.client.destroy();
    },
  };
}

/** Loads an optional peer. @throws EtlError `PEER_MISSING` of kind `usage` */
export async function peer<T>(name: string, load: () => Promise<T>): Promise<T> {
  return load().catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw cause;
    throw new EtlError({
      kind: "usage",
      code: "PEER_MISSING",
      message: `A lake in S3 needs the package ${name}, which is not installed.`,
      hint: "Install it: npm install @aws-sdk/client-s3 @aws-sdk/lib-storage",
      cause,
    });
  });
}

async function ownClient(sdk: Sdk, options: S3Settings): Promise<S3Client> {
  const { stallMs, endpoint } = options;
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  // The SDK reads AWS_REGION only; the command line of AWS and other languages read the other, too.
  const region = options.region ?? (AWS_REGION || AWS_DEFAULT_REGION || undefined);
  const address = endpoint ?? (AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL || undefined);
  const pathStyle = options.pathStyle ?? (address === undefined ? undefined : isThisMachine(address));
  const config: S3ClientConfig = {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(pathStyle === undefined ? {} : { forcePathStyle: pathStyle }),
    maxAttempts: 1,
    logger: SILENT,
    // Every body goes with a SHA-256 that the server verifies, and what is read is compared with a manifest's.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // With it the SDK opens a connection per upload, and waits six seconds for servers that do not know it.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_MS, stallMs),
      socketTimeout: Math.min(SOCKET_STALLS * stallMs, MAX_TIMER_MS),
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    },
  };
  const client = new sdk.S3Client(config);
  if (region !== undefined || address === undefined) return client;
  try {
    await client.config.region();
    return client;
  } catch {
    // Other servers rarely care; this is what most of them take.
    client.destroy();
    return new sdk.S3Client({ ...config, region: "us-east-1" });
  }
}

function isThisMachine(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? "";
  return host === "localhost" || host.endsWith(".localhost") || host.startsWith("127.") || host === "[::1]";
}
