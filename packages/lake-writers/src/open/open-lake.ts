import { type Checkpoint, EtlError } from "@spacex-etl/contracts";
import type { StoreRetry } from "../remote/index.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { type LakeLocation, parseLakeUrl } from "./location.ts";

/** What the drivers of S3 and GCS may be told beyond the lake's address. */
export interface OpenBucketOptions {
  /** Of every new object, beside what each says of itself. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Retries of one call begin no later than this. @default 120000 */
  readonly deadlineMs?: number | undefined;
  /** A request without a byte for so long is given up and tried again. @default 30000 */
  readonly stallMs?: number | undefined;
}

/** As {@link OpenBucketOptions}, for S3. */
export interface OpenS3Options extends OpenBucketOptions {
  /** Of every new object; asks for `s3:PutObjectTagging`. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Objects from this size on are uploaded in several requests. */
  readonly multipartBytes?: number | undefined;
}

/** As {@link OpenBucketOptions}, for Google Cloud Storage. */
export interface OpenGcsOptions extends OpenBucketOptions {
  /** Objects from this size on are uploaded in a session that can be resumed. */
  readonly resumableBytes?: number | undefined;
}

/** How to open a lake. */
export interface OpenLakeOptions {
  /** What a relative path is relative to. @default the process's working directory */
  readonly cwd?: string | undefined;
  /** Called between the effects of one write. */
  readonly checkpoint?: Checkpoint | undefined;
  /** Hears of requests that are tried again. */
  readonly onRetry?: ((retry: StoreRetry) => void) | undefined;
  /** Looked at for `s3://` only. */
  readonly s3?: OpenS3Options | undefined;
  /** Looked at for `gs://` only. */
  readonly gcs?: OpenGcsOptions | undefined;
}

/**
 * Opens the lake at an address: see {@link parseLakeUrl} for what may be written. The driver and its SDK are loaded only
 * now. For a client of your own use `s3Store` of `./s3` or `gcsStore` of `./gcs`. Disposing of the store (`await using`)
 * closes its connections.
 *
 * @throws EtlError of kind `usage`: `LAKE_URL` for a wrong address, `PEER_MISSING` where the SDK is not installed.
 */
export async function openLake(
  lake: string | URL | LakeLocation,
  options: OpenLakeOptions = {},
): Promise<ObjectStore & AsyncDisposable> {
  const store = await open(lake, options);
  return Object.assign(store, {
    [Symbol.asyncDispose]: store[Symbol.asyncDispose] ?? (async () => undefined),
  });
}

async function open(lake: string | URL | LakeLocation, options: OpenLakeOptions): Promise<ObjectStore> {
  const { cwd, checkpoint, onRetry } = options;
  const location =
    typeof lake === "string" || lake instanceof URL ? parseLakeUrl(String(lake), { cwd }) : lake;
  const common = {
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(onRetry === undefined ? {} : { onRetry }),
  };
  switch (location.kind) {
    case "file": {
      const { fileStore } = await import("../file/index.ts");
      return fileStore({ root: location.directory, checkpoint });
    }
    case "s3": {
      await requirePeers("s3", {
        "@aws-sdk/client-s3": () => import("@aws-sdk/client-s3"),
        "@aws-sdk/lib-storage": () => import("@aws-sdk/lib-storage"),
      });
      const { s3Store } = await import("../s3/index.ts");
      const { kind: _, ...rest } = location;
      return s3Store({ ...options.s3, ...common, ...rest });
    }
    case "gs": {
      await requirePeers("gs", { "@google-cloud/storage": () => import("@google-cloud/storage") });
      const { gcsStore } = await import("../gcs/index.ts");
      const { kind: _, ...rest } = location;
      return gcsStore({ ...options.gcs, ...common, ...rest });
    }
  }
}

/** Loads them, which the driver would do with its first request, so that what is missing is said before any work. */
async function requirePeers(
  scheme: string,
  peers: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<void> {
  for (const [name, load] of Object.entries(peers)) {
    await load().catch((cause: unknown) => {
      const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
      if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw cause;
      throw new EtlError({
        kind: "usage",
        code: "PEER_MISSING",
        message: `A lake at ${scheme}:// needs the package ${name}, which is not installed.`,
        hint: `Install it: npm install ${Object.keys(peers).join(" ")}`,
        cause,
      });
    });
  }
}
