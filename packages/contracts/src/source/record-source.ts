/**
 * A run of whole records inside one buffer. Views are valid until the next batch is asked for: copy what you keep.
 */
export interface RecordBatch {
  readonly bytes: Uint8Array;
  /** Start and end (exclusive) of each record, flat: `[start0, end0, start1, end1, …]`. */
  readonly offsets: ArrayLike<number>;
}

/** What a source answers: nothing changed, or the records. */
export type SourceResponse =
  | { readonly status: "not-modified" }
  | {
      readonly status: "ok";
      readonly etag: string | undefined;
      /** The records as the source's own bytes, in its order. May throw a retryable `EtlError` half-way. */
      readonly batches: AsyncIterable<RecordBatch>;
    };

/** What the caller of a source may stop and hear. */
export interface SourceRequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called for every request that is sent, retries included. */
  readonly onRequest?: (() => void) | undefined;
  readonly onRetry?:
    | ((retry: { readonly attempt: number; readonly delayMs: number; readonly reason: string }) => void)
    | undefined;
}

/** One collection of a source, as the lake sees it: opened, read from the start, counted. */
export interface RecordSource {
  /** For messages, without secrets: `GET https://api.example.com/v5/launches`. */
  readonly description: string;
  /**
   * Starts to read. With `ifNoneMatch` the source may answer that nothing changed since that ETag. Retries what can be
   * retried before the first byte; a failure half-way is thrown by `batches`, and the caller opens again.
   */
  open(
    options: SourceRequestOptions & { readonly ifNoneMatch?: string | undefined },
  ): Promise<SourceResponse>;
  /** An independent count of the records, or undefined where the source has none. */
  count?(options: SourceRequestOptions): Promise<number | undefined>;
}
