export { type ApiAnswer, createTransport, type Transport, type TransportOptions } from "./transport.ts";
export type { ApiRequest } from "./send.ts";
export { DEFAULT_RETRY, retryPolicy, type RetryOptions } from "./retry.ts";
export { type RequestLine, SpaceXRequestError } from "./request-error.ts";
export type { CallOptions } from "./call-options.ts";
export type {
  CacheFailureEvent,
  ClientEvent,
  FailureEvent,
  RequestEvent,
  ResponseEvent,
  RetryEvent,
} from "./events.ts";
export { checkedHeaders, checkedTimeout, checkFunction, checkKeys, invalidOption } from "./checks.ts";
export { type BodyReader, DIRECT_READER } from "./direct-reader.ts";
export { isServer } from "./runtime.ts";
