import { isUtf8 } from "node:buffer";
import { type Checkpoint, type Quarantine, sha256Hex } from "@spacex-etl/contracts";
import { quarantineKey } from "../layout/keys.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { isThere, storeObject } from "../store/objects.ts";

/** Invalid records beyond what is allowed that are still collected, so that one report shows more than the first. */
const REPORTED_BEYOND_LIMIT = 1000;

export interface InvalidRecord {
  /** Position in the source's answer, from 0. */
  readonly position: number;
  /** Undefined if the record has no readable key. */
  readonly key: string | undefined;
  /** `cores[0].flight: expected int, received string`. */
  readonly issues: readonly string[];
  readonly raw: Uint8Array;
}

export interface QuarantineWriter {
  readonly count: number;
  readonly first:
    | { readonly position: number; readonly key: string | undefined; readonly issue: string }
    | undefined;
  /** True when collecting more makes no sense. */
  add(record: InvalidRecord): boolean;
  store(): Promise<Quarantine | null>;
}

/** Keeps invalid records with reason and bytes, one JSON document per line. */
export function quarantineWriter(options: {
  readonly store: ObjectStore;
  readonly at: { readonly source: string; readonly collection: string; readonly runId: string };
  readonly maxInvalid: number;
  /** An earlier run's; referenced instead of written if it holds the same. */
  readonly previousQuarantine: Quarantine | null;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal | undefined;
}): QuarantineWriter {
  const lines: string[] = [];
  const keys: (string | undefined)[] = [];
  let first: QuarantineWriter["first"];
  return {
    get count() {
      return lines.length;
    },
    get first() {
      return first;
    },
    add({ position, key, issues, raw }) {
      first ??= { position, key, issue: issues[0] ?? "invalid" };
      const bytes = Buffer.from(raw);
      const content = isUtf8(bytes)
        ? { raw: bytes.toString("utf8") }
        : { rawBase64: bytes.toString("base64") };
      lines.push(`${JSON.stringify({ position, key: key ?? null, issues, ...content })}\n`);
      keys.push(key);
      return lines.length > options.maxInvalid + REPORTED_BEYOND_LIMIT;
    },
    async store() {
      if (lines.length === 0) return null;
      const body = Buffer.from(lines.join(""));
      const sha256 = sha256Hex(body);
      const { store, at, checkpoint, signal, previousQuarantine: same } = options;
      if (same?.sha256 === sha256 && (await isThere(store, same, signal))) return same;
      const path = quarantineKey(at, sha256);
      const known = keys.filter((key) => key !== undefined);
      const quarantine: Quarantine = {
        path,
        rows: lines.length,
        bytes: body.byteLength,
        sha256,
        runId: at.runId,
        keys: known.length === keys.length ? known : null,
      };
      const metadata = { "run-id": at.runId, collection: at.collection };
      await storeObject(store, quarantine, body, { metadata, checkpoint, signal });
      return quarantine;
    },
  };
}
