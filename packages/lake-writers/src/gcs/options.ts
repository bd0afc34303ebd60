import type { Storage } from "@google-cloud/storage";
import type { Checkpoint } from "@spacex-etl/contracts";
import { EtlError } from "@spacex-etl/contracts/errors";
import { assertGcsBucket } from "../open/bucket-names.ts";
import { commonSettings, optionErrors, type StoreCommonOptions } from "../remote/index.ts";

/** A lake in Google Cloud Storage, or in a store that speaks its JSON API. */
export interface GcsStoreOptions extends StoreCommonOptions {
  /** See https://cloud.google.com/storage/docs/buckets#naming */
  readonly bucket: string;
  /**
   * Your own client: its credentials, endpoint, universe and HTTP transport (with proxies and client certificates) are
   * used, but not its retries, interceptors and time-outs. @default one with the Application Default Credentials
   */
  readonly client?: Storage | undefined;
  /**
   * Another server, without a path: `http://127.0.0.1:4443`, or a Private Service Connect endpoint. Requests over plain
   * HTTP carry no credentials, and none are looked for. @default `https://storage.googleapis.com`
   */
  readonly endpoint?: string | undefined;
  /** The project that pays, where the requester does. The account needs `serviceusage.services.use` on it. */
  readonly userProject?: string | undefined;
  /**
   * `projects/P/locations/L/keyRings/R/cryptoKeys/K`. The project's Cloud Storage service agent needs
   * `roles/cloudkms.cryptoKeyEncrypterDecrypter` on it (https://cloud.google.com/storage/docs/encryption/using-customer-managed-keys).
   */
  readonly kmsKey?: string | undefined;
  /**
   * Objects larger than this are uploaded in a resumable session: after a reset the upload goes on where the service
   * left off. Smaller ones take one request. @default 8 MiB
   */
  readonly resumableBytes?: number | undefined;
  /**
   * Called between the effects of one upload: `sending <key>` before the first request, `begun <key>` once a resumable
   * session is open, `half <key>` when half of the bytes are sent, `created <key>` when the object is there.
   */
  readonly checkpoint?: Checkpoint | undefined;
}

/** The options that were checked, with their defaults. */
export interface GcsSettings extends GcsStoreOptions {
  readonly resumableBytes: number;
  readonly deadlineMs: number;
  readonly stallMs: number;
  readonly checkpoint: Checkpoint;
}

const optionError = optionErrors("gcsStore");
const DEFAULT_RESUMABLE_BYTES = 8 * 1024 * 1024;
const KMS_KEY = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/;

/** @throws EtlError of kind `usage` that names the option */
export function gcsSettings(options: GcsStoreOptions): GcsSettings {
  const { client, endpoint, kmsKey, resumableBytes = DEFAULT_RESUMABLE_BYTES } = options;
  assertGcsBucket(options.bucket);
  if (client !== undefined && endpoint !== undefined) {
    throw optionError("endpoint belongs to a client of the store's own, and a client is given");
  }
  if (endpoint !== undefined && !isServer(endpoint)) {
    // Its text may hold a password.
    throw optionError("endpoint must be the address of a server without a path, as in http://127.0.0.1:4443");
  }
  if (kmsKey !== undefined && !KMS_KEY.test(kmsKey)) {
    throw optionError("kmsKey must be projects/P/locations/L/keyRings/R/cryptoKeys/K");
  }
  const times = commonSettings(options, optionError);
  if (!Number.isSafeInteger(resumableBytes) || resumableBytes < 1) {
    throw optionError("resumableBytes must be a whole number of bytes above 0");
  }
  if (client === undefined) assertNoEmulatorVariable();
  return {
    ...options,
    resumableBytes,
    ...times,
    checkpoint: options.checkpoint ?? (() => undefined),
  };
}

/** The client for Node.js takes it for the whole base of the API's addresses, those of other languages for the host. */
function assertNoEmulatorVariable(): void {
  if ((process.env["STORAGE_EMULATOR_HOST"] ?? "") === "") return;
  throw new EtlError({
    kind: "usage",
    code: "STORE_OPTIONS",
    message: "gcsStore: STORAGE_EMULATOR_HOST is set, which the Google client for Node.js misreads.",
    hint: "Unset it, and name the emulator in the lake's address: gs://bucket/prefix?endpoint=http://127.0.0.1:4443",
  });
}

function isServer(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
  return url.pathname === "/" && `${url.username}${url.password}${url.search}${url.hash}` === "";
}
