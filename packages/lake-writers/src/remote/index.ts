export { bucketPath, type BucketPath } from "./bucket-path.ts";
export {
  type Attempt,
  type FailedAttempt,
  retrying,
  type RetryOptions,
  type StoreRetry,
} from "./retrying.ts";
