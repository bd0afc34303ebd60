import type { Checkpoint } from "@spacex-etl/contracts";
import type { StoreRetry } from "./retrying.ts";

/** What the drivers of buckets have in common. None takes a secret. */
export interface StoreCommonOptions {
  readonly bucket: string;
  /** Where in the bucket the lake begins, without a slash at its ends. @default "" the whole bucket */
  readonly prefix?: string | undefined;
  /** Of new objects, by the service's own name. @default the bucket's */
  readonly storageClass?: string | undefined;
  /** Key that encrypts new objects, by the service's own name. @default the bucket's encryption */
  readonly kmsKey?: string | undefined;
  /** Of every new object, beside what each says of itself: names of a–z, 0–9 and `-`, values in ASCII. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Retries of one call begin no later than this; 0 for none. @default 120000 */
  readonly deadlineMs?: number | undefined;
  /** A request without a byte for so long is given up and tried again; at least 1. @default 30000 */
  readonly stallMs?: number | undefined;
  /** Hears of requests that are tried again. */
  readonly onRetry?: ((retry: StoreRetry) => void) | undefined;
  /** Called between the effects of one upload. */
  readonly checkpoint?: Checkpoint | undefined;
}
