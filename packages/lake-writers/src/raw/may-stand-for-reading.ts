import type { CollectionManifest, CollectionSpec } from "@spacex-etl/contracts";
import type { ObjectStore } from "../store/object-store.ts";
import { allThere } from "../store/objects.ts";

/**
 * Whether an earlier extraction may stand for a new one if the source says that nothing changed: same schema, within
 * today's limits, and all objects still there. Only then is a request conditional.
 */
export async function mayStandForReading(
  limits: {
    readonly store: ObjectStore;
    readonly maxInvalid: number;
    readonly strict: boolean;
    readonly signal?: AbortSignal | undefined;
  },
  spec: CollectionSpec,
  previous: CollectionManifest,
): Promise<boolean> {
  if (previous.schemaFingerprint !== spec.fingerprint || previous.key !== spec.key) return false;
  if (previous.invalid > limits.maxInvalid || (limits.strict && previous.drift.length > 0)) return false;
  const objects = [...previous.parts, ...(previous.quarantine === null ? [] : [previous.quarantine])];
  return allThere(limits.store, objects, limits.signal);
}
