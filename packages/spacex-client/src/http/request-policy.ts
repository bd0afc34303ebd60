import type { RetryPolicy } from "./retry.ts";

/** How requests are sent: the client's options, checked and complete, or those of one call laid over them. */
export interface RequestPolicy {
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
}
