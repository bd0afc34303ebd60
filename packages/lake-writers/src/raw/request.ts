import {
  EtlError,
  type ExtractRequest,
  MANIFEST_VERSION,
  requestDocumentSchema,
} from "@spacex-etl/contracts";
import { commitDocument } from "../documents/documents.ts";
import { requestKey } from "../layout/keys.ts";
import type { CollectionJob, ExtractContext } from "./extract-collection.ts";

/** What an extraction is asked for, with collections in the order of their names. */
export function requestOf(source: string, collections: readonly CollectionJob[]): ExtractRequest {
  return {
    source,
    collections: collections
      .map(({ spec }) => ({ name: spec.name, schemaFingerprint: spec.fingerprint }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** The first process of a run writes down what was asked for; all later ones must ask for the same. */
export async function bindRequest(context: ExtractContext, request: ExtractRequest): Promise<void> {
  if (request.collections.length === 0) {
    throw new EtlError({
      kind: "usage",
      code: "NO_COLLECTIONS",
      message: "No collection was asked for.",
      hint: "Name at least one, or leave out --collections for all.",
    });
  }
  const repeated = request.collections.find(
    ({ name }, index) => request.collections[index - 1]?.name === name,
  );
  if (repeated !== undefined) {
    throw new EtlError({
      kind: "usage",
      code: "COLLECTION_REPEATED",
      message: `The collection ${repeated.name} was asked for twice.`,
      hint: "Name each collection once.",
    });
  }
  const { document } = await commitDocument(
    context.store,
    requestKey(context.runId),
    requestDocumentSchema,
    { version: MANIFEST_VERSION, kind: "request", runId: context.runId, request },
    { ...context, metadata: { "run-id": context.runId } },
  );
  const difference = requestDifference(document.request, request);
  if (difference === undefined) return;
  throw new EtlError({
    kind: difference.kind,
    code: difference.kind === "usage" ? "RUN_ID_REUSED" : "SCHEMA_CHANGED",
    message: `The run ${context.runId} in ${context.store.url} was begun with another request: ${difference.text}.`,
    hint: "Use a new --run-id, or the same request as before.",
  });
}

function requestDifference(
  before: ExtractRequest,
  now: ExtractRequest,
): { readonly kind: "usage" | "schema"; readonly text: string } | undefined {
  if (before.source !== now.source) {
    return { kind: "usage", text: `its source is ${before.source}, not ${now.source}` };
  }
  const names = (request: ExtractRequest): string => request.collections.map(({ name }) => name).join(", ");
  if (names(before) !== names(now)) {
    return { kind: "usage", text: `its collections are ${names(before)}; now they are ${names(now)}` };
  }
  const changed = now.collections.filter(
    ({ schemaFingerprint }, index) => before.collections[index]?.schemaFingerprint !== schemaFingerprint,
  );
  if (changed.length === 0) return undefined;
  return {
    kind: "schema",
    text: `the schema of ${changed.map(({ name }) => name).join(", ")} has changed since`,
  };
}
