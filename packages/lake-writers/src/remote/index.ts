export { bucketPath, type BucketPath } from "./bucket-path.ts";
export { commonSettings, optionErrors } from "./common-settings.ts";
export { otherBytes, changedBody, shrunk } from "./changed-body.ts";
export {
  type Attempt,
  type FailedAttempt,
  retryPause,
  retrying,
  type RetryOptions,
  type RunningAttempt,
  type StoreRetry,
} from "./retrying.ts";
export { plainCause, withoutSecrets } from "./secrets.ts";
export type { StoreCommonOptions } from "./store-options.ts";
export { MAX_TIMER_MS } from "./times.ts";
export { StalledError, watch, type Watch } from "./watch.ts";
