import type { CollectionManifest, CollectionSpec, RawPart } from "@spacex-etl/contracts";

/**
 * The earlier parts whose records need not be read again where the same bytes come again: each was valid under this very
 * schema, without a key twice and without an unknown field. None where the earlier manifest does not say all of that:
 * it counts unknown fields over the whole collection, not for each part.
 */
export function vouchedParts(
  spec: CollectionSpec,
  previous: CollectionManifest | undefined,
): readonly RawPart[] {
  const same =
    previous !== undefined &&
    previous.schemaFingerprint === spec.fingerprint &&
    previous.key === spec.key &&
    previous.drift.length === 0;
  return same ? previous.parts : [];
}
