import { EtlError } from "@spacex-etl/contracts";
import type { LoadDecision, LoadWarning, PlannedCollection } from "../loader/load-plan.ts";
import type { LoadCollection, LoadRequest } from "../loader/load-request.ts";
import { type Facts, indexed, planCollection, settled } from "./plan-collection.ts";
import { LEDGER, REGISTRY, TRANSFORMS } from "./raw-tables.ts";
import { compareColumns, type SchemaDialect, schemaError } from "./schema-changes.ts";
import type { WarehouseState, WarehouseTable } from "./warehouse-state.ts";

/** What `decideLoad` found, before any SQL. */
export interface Decision {
  readonly decision: LoadDecision;
  readonly loadedAt: string | null;
  readonly collections: readonly PlannedCollection[];
  readonly warnings: readonly LoadWarning[];
}

/**
 * What a load of the request into a warehouse of this state does. Pure: the same on every engine.
 *
 * @throws EtlError LEDGER_MISMATCH (exit 10), SOURCE_MISMATCH (2), SCHEMA_NEWER and those of `compareColumns` (6),
 *   DELETES_REFUSED (7).
 */
export function decideLoad(request: LoadRequest, state: WarehouseState, dialect: SchemaDialect): Decision {
  const facts = indexed(state);
  if (state.thisRun !== null) {
    if (state.thisRun.manifestSha256 !== request.manifestSha256) throw ledgerMismatch(request, state.thisRun);
    return {
      decision: "already-loaded",
      loadedAt: state.thisRun.loadedAt,
      collections: request.collections.map((collection) => settled(collection, facts, "unchanged")),
      warnings: [],
    };
  }
  const warnings: LoadWarning[] = [];
  assertSource(request, state, warnings);
  for (const table of [LEDGER, REGISTRY, TRANSFORMS]) {
    const actual = facts.tables.get(table.name);
    if (actual === undefined) continue;
    const { added } = compareColumns(table.columns, actual, [table.name], dialect);
    if (added.length > 0) throw bookkeepingShape(actual, dialect);
  }
  const collections = request.collections.map((collection) =>
    isSuperseded(request, collection, facts)
      ? settled(collection, facts, "superseded")
      : planCollection(request, collection, facts, dialect, warnings),
  );
  const superseded = collections.filter((collection) => collection.outcome === "superseded");
  if (superseded.length > 0 && superseded.length === collections.length) {
    return { decision: "superseded", loadedAt: null, collections, warnings: [] };
  }
  for (const { name, extractedAt } of superseded) {
    warnings.push({
      code: "COLLECTION_SUPERSEDED",
      message: `Collection ${name} of ${extractedAt} is not loaded: a newer extraction of it is.`,
    });
  }
  return { decision: "load", loadedAt: null, collections, warnings };
}

function assertSource(request: LoadRequest, state: WarehouseState, warnings: LoadWarning[]): void {
  const others = state.registry.filter((entry) => entry.source !== request.source);
  if (others.length === 0) return;
  const sources = [...new Set(others.map((entry) => entry.source))].join(", ");
  if (request.allowSourceChange === true) {
    warnings.push({
      code: "SOURCE_CHANGED",
      message: `The warehouse holds tables of the source ${sources}; those of this run are now from ${request.source}.`,
    });
    return;
  }
  throw new EtlError({
    kind: "usage",
    code: "SOURCE_MISMATCH",
    message: `The warehouse holds ${others.length} tables of the source ${sources}; run ${request.runId} is from ${request.source}.`,
    hint: "Load into another warehouse, or say aloud that the source changes: --allow-source-change.",
    details: { source: request.source, tables: others.map((entry) => entry.table) },
  });
}

function isSuperseded(request: LoadRequest, collection: LoadCollection, facts: Facts): boolean {
  return collection.tables.some((table) => {
    const entry = facts.registry.get(table.spec.name);
    // The clocks of two sources say nothing about each other.
    return (
      entry !== undefined &&
      entry.source === request.source &&
      Date.parse(entry.extractedAt) > Date.parse(collection.extractedAt)
    );
  });
}

function ledgerMismatch(
  request: LoadRequest,
  thisRun: { readonly manifestSha256: string; readonly loadedAt: string },
): EtlError {
  return new EtlError({
    kind: "integrity",
    code: "LEDGER_MISMATCH",
    message: `Run ${request.runId} was loaded at ${thisRun.loadedAt} from another manifest (${thisRun.manifestSha256.slice(0, 16)}…, now ${request.manifestSha256.slice(0, 16)}…).`,
    hint: "A committed run never changes: its manifest was replaced, or two lakes use the same run id. Use a new run id.",
    details: { runId: request.runId, loaded: thisRun.manifestSha256, requested: request.manifestSha256 },
  });
}

function bookkeepingShape(table: WarehouseTable, dialect: SchemaDialect): EtlError {
  return schemaError(
    "TABLE_NOT_OURS",
    `Table ${table.name} lacks columns that this program needs.`,
    `Move it out of the way: ${dialect.moveAwaySql(table)}`,
    { table: table.name },
  );
}
