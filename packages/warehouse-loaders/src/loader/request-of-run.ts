import type { DocumentRef, TablesManifest } from "@spacex-etl/contracts";
import type { LoadRequest } from "./load-request.ts";

/** A run's tables manifest as `readTables` or `normalize` of the lake writers give it, with the hash of its bytes. */
export interface RunTables {
  readonly document: TablesManifest;
  readonly ref: DocumentRef;
}

/** Where the files of a lake are: an `ObjectStore` of the lake writers, or anything that can say as much. */
export interface LakeFiles {
  /** `file:///data/lake`, `s3://bucket/prefix`. */
  readonly url: string;
  /** Path of an object on this machine; absent for remote stores, whose objects are read as `<url>/<key>`. */
  localPath?(key: string): string;
}

/**
 * The load request of a normalized run: all its tables, by the locations of their files, with what the manifest proves
 * of them.
 */
export function requestOfRun(
  { document, ref }: RunTables,
  lake: LakeFiles,
  options: Pick<LoadRequest, "allowDeletes" | "allowSourceChange"> = {},
): LoadRequest {
  const { runId, source, extractedAt, collections } = document;
  const uriOf = (key: string): string => lake.localPath?.(key) ?? `${lake.url}/${key}`;
  return {
    ...options,
    runId,
    source,
    manifestSha256: ref.sha256,
    extractedAt,
    collections: collections.map(({ name, extractedAt, schemaFingerprint, quarantinedKeys, tables }) => ({
      name,
      extractedAt,
      schemaFingerprint,
      quarantinedKeys,
      tables: tables.map(({ spec, rows, parts, contentSha256 }) => ({
        spec,
        rows,
        contentSha256,
        parts: parts.map((part) => ({ ...part, uri: uriOf(part.path) })),
      })),
    })),
  };
}
