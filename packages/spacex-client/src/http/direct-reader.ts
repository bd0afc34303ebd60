/** What the client needs of a body's reader: that of a `ReadableStream` has it. */
export interface BodyReader {
  /** Bytes that have arrived and can be had without waiting. */
  readonly take?: (() => Uint8Array | undefined) | undefined;
  /** The next bytes, without a value at the end. */
  read(): Promise<{ readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<unknown>;
}

/**
 * A `Response` may have, under this symbol, a function that gives a reader of its body without the cost of a
 * `ReadableStream`. Whoever uses it must not use `body`.
 */
export const DIRECT_READER: unique symbol = Symbol.for("spacex-etl.direct-reader") as never;

export type DirectResponse = Response & { readonly [DIRECT_READER]?: () => BodyReader };

/** The cheapest reader of a body, or undefined where there is none. */
export function readerOf(response: DirectResponse): BodyReader | undefined {
  return response[DIRECT_READER]?.() ?? response.body?.getReader();
}
