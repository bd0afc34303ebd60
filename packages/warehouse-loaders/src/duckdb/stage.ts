import { EtlError, lakeColumns, type TableSpec } from "@spacex-etl/contracts";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { pipeline } from "node:stream/promises";
import type { LoadPlan, PlannedTable } from "../loader/load-plan.ts";
import { plannedTables } from "../loader/load-plan.ts";
import type { LoadPart } from "../loader/load-request.ts";
import { throwIfAborted } from "../loader/load-run.ts";
import type { StagedLoad } from "../loader/loader.ts";
import { assertStage } from "../planning/index.ts";
import type { LoadScript } from "./load-script.ts";
import { count, type Session, text } from "./session.ts";
import { describePart, dropStage, duplicateExamples, PARQUET_TYPES, stageView } from "./sql/index.ts";

/** Verifies every part that will be read, then makes one view per table. */
export async function stageTables(
  session: Session,
  plan: LoadPlan,
  script: LoadScript,
  signal: AbortSignal | undefined,
): Promise<StagedLoad> {
  const tables = stagedTables(plan);
  for (const { table, source } of tables) {
    for (const part of source.parts) {
      throwIfAborted(signal);
      await verifyPart(table, part);
      await verifyColumns(session, source.spec, part);
    }
  }
  for (const statement of script.stages) await session.execute(statement);
  return {
    jobs: 0,
    tables: tables.map(({ table, rows }) => ({ table, relation: stageView(table), rows })),
    [Symbol.asyncDispose]: async () => {
      for (const { source } of tables) await session.finish(dropStage(source));
    },
  };
}

/** Holds each stage against the manifest. */
export async function reconcileStages(session: Session, plan: LoadPlan, script: LoadScript): Promise<void> {
  const tables = stagedTables(plan);
  for (const [index, { table, rows, source }] of tables.entries()) {
    const [found] = await session.execute(script.checks[index]!);
    const duplicateKeys = count(found, "duplicate_keys");
    assertStage({
      table,
      expectedRows: rows,
      rows: count(found, "rows"),
      nullKeys: count(found, "null_keys"),
      duplicateKeys,
      duplicateExamples:
        duplicateKeys === 0
          ? []
          : (await session.rows(duplicateExamples(source.spec))).map((row) => text(row, "key") ?? "null"),
      orphans: count(found, "orphans"),
    });
  }
}

function stagedTables(plan: LoadPlan): PlannedTable[] {
  const loaded = new Set(
    plan.collections.filter(({ outcome }) => outcome === "load").map(({ name }) => name),
  );
  return plannedTables(plan).filter(({ collection }) => loaded.has(collection));
}

async function verifyPart(table: string, part: LoadPart): Promise<void> {
  if (!isAbsolute(part.uri)) {
    throw new EtlError({
      kind: "usage",
      code: "PART_URI",
      message: `DuckDB reads parts from local absolute paths; ${part.uri} is none.`,
      hint: "Use a file lake with a DuckDB warehouse, or bring the parts to this machine first.",
    });
  }
  const hash = createHash("sha256");
  let bytes: number;
  try {
    bytes = (await stat(part.uri)).size;
    await pipeline(createReadStream(part.uri, { highWaterMark: 1 << 20 }), hash);
  } catch (cause) {
    throw damagedPart("PART_MISSING", `Part ${part.path} of table ${table} cannot be read`, cause);
  }
  if (bytes !== part.bytes) {
    throw damagedPart(
      "PART_CHECKSUM",
      `Part ${part.path} of table ${table} has ${bytes} bytes, the manifest says ${part.bytes}`,
    );
  }
  if (hash.digest("hex") !== part.sha256) {
    throw damagedPart(
      "PART_CHECKSUM",
      `Part ${part.path} of table ${table} does not have the sha256 that the manifest says`,
    );
  }
}

async function verifyColumns(session: Session, spec: TableSpec, part: LoadPart): Promise<void> {
  const found = new Map<string, string>();
  try {
    for (const row of await session.rows(describePart(part.uri))) {
      found.set(String(row["column_name"]), String(row["column_type"]));
    }
  } catch (cause) {
    if (EtlError.isInstance(cause) && (cause.kind === "interrupted" || cause.kind === "terminated"))
      throw cause;
    throw damagedPart("PART_UNREADABLE", `Part ${part.path} of table ${spec.name} is no Parquet file`, cause);
  }
  const expected = lakeColumns(spec);
  const problems = expected.flatMap(({ name, type }) => {
    const actual = found.get(name);
    if (actual === PARQUET_TYPES[type]) return [];
    return [
      actual === undefined ? `${name} is missing` : `${name} is ${actual} instead of ${PARQUET_TYPES[type]}`,
    ];
  });
  const known = new Set(expected.map(({ name }) => name));
  for (const name of found.keys()) if (!known.has(name)) problems.push(`${name} is unknown`);
  if (problems.length > 0) {
    throw damagedPart(
      "PART_COLUMNS",
      `Part ${part.path} of table ${spec.name} does not fit the table: ${problems.join(", ")}`,
    );
  }
}

function damagedPart(code: string, problem: string, cause?: unknown): EtlError {
  return new EtlError({
    kind: "integrity",
    code,
    message: `${problem}.`,
    hint: "Restore the part, or delete it and run again under a new run id. `spacex-etl verify` lists all that are damaged.",
    cause,
  });
}
