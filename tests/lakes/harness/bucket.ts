import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { type ObjectStore, openLake, type OpenLakeOptions } from "@spacex-etl/lake-writers";
import { afterEach } from "vitest";
import { type FaultProxy, startFaultProxy } from "../../harness/fault-proxy.ts";
import { s3ClientOf, startFakeGcs, startMoto, startVersitygw, type TestServer } from "../../servers/index.ts";

export type ServerKind = TestServer["kind"];

/** One per service that checks what the service checks. */
export const STRICT_SERVERS = ["versitygw", "fake-gcs-server"] as const satisfies readonly ServerKind[];

const MIB = 1024 * 1024;
/** Sizes from which uploads go in several requests: the least that S3 allows, so that tests stay small. */
const OPTIONS: OpenLakeOptions = { s3: { multipartBytes: 5 * MIB }, gcs: { resumableBytes: 5 * MIB } };

/** A bucket on a server of its own, behind a proxy that does no harm until it is told to. */
export interface Bucket extends AsyncDisposable {
  readonly server: TestServer;
  readonly proxy: FaultProxy;
  /** Address of a lake through the proxy, behind which creation is atomic. Each prefix is a lake of its own. */
  url(prefix: string): string;
  /** The same past the proxy, for what has no rival. */
  directUrl(prefix: string): string;
  /** Large objects begin at 5 MiB. */
  open(prefix: string, options?: OpenLakeOptions): Promise<ObjectStore>;
  openDirectly(prefix: string, options?: OpenLakeOptions): Promise<ObjectStore>;
  /** Names of uploads that were begun and neither completed nor given up; a server of GCS tells nobody. */
  unfinishedUploads(): Promise<readonly string[]>;
}

const NAME = "lake";

/** Also sets the credentials in the environment of this process, where the SDK looks for them. */
export async function openBucket(kind: ServerKind): Promise<Bucket> {
  const service = kind === "fake-gcs-server" ? "gcs" : "s3";
  // Of two that complete an upload to one name moto lets both win, and versitygw also of two that put it.
  const proxy = await startFaultProxy({ service, conditionalInTurn: service === "s3" });
  const server = await startServer(kind, proxy.endpoint);
  proxy.forwardTo(server.endpoint);
  await server.makeBucket(NAME);
  Object.assign(process.env, server.env);
  const url = (prefix: string): string => server.lakeUrl(NAME, prefix, proxy.endpoint);
  const directUrl = (prefix: string): string => server.lakeUrl(NAME, prefix);
  const merged = (options: OpenLakeOptions = {}): OpenLakeOptions => ({
    ...options,
    s3: { ...OPTIONS.s3, ...options.s3 },
    gcs: { ...OPTIONS.gcs, ...options.gcs },
  });
  return {
    server,
    proxy,
    url,
    directUrl,
    open: (prefix, options) => openLake(url(prefix), merged(options)),
    openDirectly: (prefix, options) => openLake(directUrl(prefix), merged(options)),
    async unfinishedUploads() {
      if (service === "gcs") return [];
      const client = s3ClientOf(server);
      try {
        const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: NAME }));
        return Uploads.map(({ Key = "" }) => Key);
      } finally {
        client.destroy();
      }
    },
    async [Symbol.asyncDispose]() {
      await proxy.close();
      await server.close();
    },
  };
}

function startServer(kind: ServerKind, publicUrl: string): Promise<TestServer> {
  switch (kind) {
    case "moto":
      return startMoto();
    case "versitygw":
      return startVersitygw();
    case "fake-gcs-server":
      return startFakeGcs({ publicUrl });
  }
}

/** Prints what the server said last where a test of the calling suite fails. */
export function showLogOfFailures(bucket: () => Bucket): void {
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(bucket().server.log().slice(-4_000));
  });
}
