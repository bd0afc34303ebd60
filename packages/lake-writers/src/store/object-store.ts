/** What `head` and `list` know of an object. */
export interface ObjectInfo {
  /** Relative to the store's root, with `/`. */
  readonly key: string;
  readonly bytes: number;
  /** When it was created; objects never change. */
  readonly createdAt: Date;
}

/** The content of a new object: bytes, or a finished local file that the store may take over or copy. */
export type ObjectBody = Uint8Array | { readonly file: string };

/** What every call of a store may be given. */
export interface StoreCallOptions {
  /** Ends the call, also while it waits or retries; it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What may be said of a new object. */
export interface CreateOptions extends StoreCallOptions {
  /** For example `application/json`; stores without content types ignore it. */
  readonly contentType?: string | undefined;
  /** Of the body, in hex, where the caller knows it: a store that has its server check it need not compute it. */
  readonly sha256?: string | undefined;
  /**
   * Facts for people who look into a bucket, for example `{ "run-id": "…", collection: "launches" }`: names of a–z, 0–9
   * and `-`, values in ASCII. Stores without metadata ignore them.
   */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Which left-overs of unfinished writes go. */
export interface SweepOptions extends StoreCallOptions {
  /**
   * Whether an object of this key would be the caller's. Where left-overs have keys, those of others stay: they may be
   * uploads of another application below the same prefix. @default all are
   */
  readonly isOurs?: ((key: string) => boolean) | undefined;
}

/** The permission that each call needs, by the name that a policy gives it: `s3:PutObject`, `storage.objects.create`. */
export interface StorePermissions {
  readonly list: string;
  readonly create: string;
  /** Of `get` and `head`. */
  readonly read: string;
  readonly delete: string;
}

/**
 * All that a lake asks of a store. Objects are created once and never changed; whoever creates a key first wins, and
 * a reader never sees half of one.
 */
export interface ObjectStore extends Partial<AsyncDisposable> {
  /** For people, without secrets: `file:///data/lake`, `s3://bucket/prefix`. */
  readonly url: string;
  /** How many objects it is best given at the same time. @default 1 */
  readonly parallelCreates?: number | undefined;
  /** Absent where no call needs a permission that has a name. */
  readonly permissions?: StorePermissions | undefined;
  /**
   * Creates the object unless the key exists. Durable when it resolves. After a failure that leaves open what the server
   * did, an object with exactly this body counts as `created`.
   */
  createIfAbsent(key: string, body: ObjectBody, options?: CreateOptions): Promise<"created" | "exists">;
  /** @throws EtlError `OBJECT_NOT_FOUND` of kind `integrity`. */
  get(key: string, options?: StoreCallOptions): AsyncIterable<Uint8Array>;
  /** Every object whose key starts with the prefix, in key order. */
  list(prefix: string, options?: StoreCallOptions): AsyncIterable<ObjectInfo>;
  head(key: string, options?: StoreCallOptions): Promise<ObjectInfo | undefined>;
  /** An absent key is no error. */
  delete(key: string, options?: StoreCallOptions): Promise<void>;
  /** Where the object's bytes lie on this machine; absent for remote stores. */
  localPath?(key: string): string;
  /** Removes left-overs of unfinished writes that are older than the date, and says how many. */
  sweep?(olderThan: Date, options?: SweepOptions): Promise<number>;
}
