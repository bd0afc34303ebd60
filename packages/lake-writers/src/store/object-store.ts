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

/** What may be said of a new object. */
export interface CreateOptions {
  /** For example `application/json`; stores without content types ignore it. */
  readonly contentType?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * All that a lake asks of a store. Objects are created once and never changed; whoever creates a key first wins, and
 * a reader never sees half of one.
 */
export interface ObjectStore {
  /** For people, without secrets: `file:///data/lake`, `s3://bucket/prefix`. */
  readonly url: string;
  /** Creates the object unless the key exists. Durable when it resolves. */
  createIfAbsent(key: string, body: ObjectBody, options?: CreateOptions): Promise<"created" | "exists">;
  /** @throws EtlError `OBJECT_NOT_FOUND` of kind `integrity`. */
  get(key: string, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<Uint8Array>;
  /** Every object whose key starts with the prefix, in key order. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  head(key: string): Promise<ObjectInfo | undefined>;
  /** An absent key is no error. */
  delete(key: string): Promise<void>;
  /** Where the object's bytes lie on this machine; absent for remote stores. */
  localPath?(key: string): string;
  /** Removes left-overs of unfinished writes that are older than the date, and says how many. */
  sweep?(olderThan: Date): Promise<number>;
}
