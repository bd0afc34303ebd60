import type { EtlErrorOptions } from "@spacex-etl/contracts/errors";

/** What is done with the bucket; each needs a permission of its own. */
export type Action = "list" | "create" | "read" | "delete";

/**
 * By the names that a policy gives them.
 *
 * @see https://cloud.google.com/storage/docs/access-control/iam-json
 */
export const PERMISSIONS = {
  list: "storage.objects.list",
  create: "storage.objects.create",
  read: "storage.objects.get",
  delete: "storage.objects.delete",
} as const satisfies Record<Action, string>;

/** What stands in messages and hints. */
export interface Scene {
  readonly action: Action;
  readonly key: string;
  readonly bucket: string;
  /** Of the store. */
  readonly url: string;
  /** The service has answered this store before: what fails now may pass. */
  readonly answered: boolean;
}

/** What a failure means: the error, and whether (or how often in all) the same request is tried. */
export interface Meaning extends Pick<EtlErrorOptions, "kind" | "code" | "hint" | "retryable"> {
  readonly retry: boolean | number;
}

/** `create raw/x in gs://bucket/lake` */
export function described({ action, key, url }: Pick<Scene, "action" | "key" | "url">): string {
  return `${action} ${key === "" ? "objects" : key} in ${url}`;
}
