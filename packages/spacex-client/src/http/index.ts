export { type ApiAnswer, type ApiRequest, createTransport, type Transport } from "./transport.ts";
export { MAX_TIMER_MS, retryPolicy, type RetryOptions } from "./retry.ts";
export type { RequestLine } from "./failure.ts";
