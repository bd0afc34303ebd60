import { EtlError, lakeColumns, type TableSpec } from "@spacex-etl/contracts";
import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { LoadPart } from "../loader/load-request.ts";
import { inLanes } from "../loader/lanes.ts";
import type { Session } from "../merge/index.ts";
import { describeParts, PARQUET_TYPES } from "./sql/index.ts";

/** A file that will be read, and for which table. */
export interface StagedPart {
  readonly spec: TableSpec;
  readonly part: LoadPart;
}

/** Up to so many bytes a file is read as a whole: a stream costs more than such a file's hash. */
const WHOLE_BYTES = 1 << 20;

/** Bytes first: of a part that is not what the manifest says, nothing is read by DuckDB. */
export async function verifyParts(
  session: Session,
  parts: readonly StagedPart[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await inLanes(parts, signal, verifyBytes);
  await verifyColumns(session, parts);
}

async function verifyBytes({ spec, part }: StagedPart): Promise<void> {
  let bytes: number;
  let sha256: string;
  try {
    bytes = (await stat(part.uri)).size;
    sha256 = bytes === part.bytes ? await sha256Of(part.uri, bytes) : "";
  } catch (cause) {
    throw damagedPart("PART_MISSING", `Part ${part.path} of table ${spec.name} cannot be read`, cause);
  }
  if (bytes !== part.bytes) {
    throw damagedPart(
      "PART_CHECKSUM",
      `Part ${part.path} of table ${spec.name} has ${bytes} bytes, the manifest says ${part.bytes}`,
    );
  }
  if (sha256 !== part.sha256) {
    throw damagedPart(
      "PART_CHECKSUM",
      `Part ${part.path} of table ${spec.name} does not have the sha256 that the manifest says`,
    );
  }
}

async function sha256Of(path: string, bytes: number): Promise<string> {
  if (bytes <= WHOLE_BYTES) return hash("sha256", await readFile(path));
  const stream = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), stream);
  return stream.digest("hex");
}

/** One question for all files; where it has no answer, one per file finds out which is to blame. */
async function verifyColumns(session: Session, parts: readonly StagedPart[]): Promise<void> {
  if (parts.length === 0) return;
  let found: Map<string, FoundColumn[]>;
  try {
    found = await columnsOf(session, parts);
  } catch (error) {
    if (isStop(error)) throw error;
    for (const each of parts) {
      await columnsOf(session, [each]).catch((cause: unknown) => {
        if (isStop(cause)) throw cause;
        const { part, spec } = each;
        throw damagedPart(
          "PART_UNREADABLE",
          `Part ${part.path} of table ${spec.name} is no Parquet file`,
          cause,
        );
      });
    }
    throw error;
  }
  for (const { spec, part } of parts) assertColumns(spec, part, found.get(part.uri) ?? []);
}

interface FoundColumn {
  readonly name: string;
  readonly type: string;
}

async function columnsOf(
  session: Session,
  parts: readonly StagedPart[],
): Promise<Map<string, FoundColumn[]>> {
  const files = new Map<string, FoundColumn[]>();
  const root = new Set<string>();
  const paths = new Set(parts.map(({ part }) => part.uri));
  for (const row of await session.rows(describeParts([...paths]))) {
    const file = String(row["file_name"]);
    const columns = files.get(file) ?? [];
    files.set(file, columns);
    // The first row of a file is the record itself.
    if (root.has(file)) columns.push({ name: String(row["name"]), type: String(row["type"]) });
    root.add(file);
  }
  return files;
}

function assertColumns(spec: TableSpec, part: LoadPart, columns: readonly FoundColumn[]): void {
  const found = new Map(columns.map(({ name, type }) => [name, type]));
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
  if (found.size < columns.length) problems.push("a name occurs twice");
  if (problems.length > 0) {
    throw damagedPart(
      "PART_COLUMNS",
      `Part ${part.path} of table ${spec.name} does not fit the table: ${problems.join(", ")}`,
    );
  }
}

function isStop(error: unknown): boolean {
  return EtlError.isInstance(error) && (error.kind === "interrupted" || error.kind === "terminated");
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
