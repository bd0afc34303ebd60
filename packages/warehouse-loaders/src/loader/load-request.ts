import { EtlError, isChild, parseRunId, type TablePart, type TableSpec } from "@spacex-etl/contracts";

/** One Parquet file of a table, with the columns of `lakeColumns(spec)`. */
export interface LoadPart extends TablePart {
  /**
   * Where the engine can read it: for DuckDB an absolute path on this machine (or whatever the loader's `localPart` can
   * bring here), for a cloud warehouse `gs://` or `s3://`.
   */
  readonly uri: string;
}

/** One table of a run, as its manifest lists it. */
export interface LoadTable {
  readonly spec: TableSpec;
  /** Sum of the parts' rows. */
  readonly rows: number;
  /** In the order of the rows; empty for an empty table. */
  readonly parts: readonly LoadPart[];
  /** Over the parts' sha256 in order: equal hash, equal rows. */
  readonly contentSha256: string;
}

/** One collection of a run with all its tables. */
export interface LoadCollection {
  readonly name: string;
  /** ISO 8601 in UTC: the state of the source is not older than this. */
  readonly extractedAt: string;
  readonly schemaFingerprint: string;
  /**
   * Keys of records that were kept out because they are invalid. They count as present: a row with such a key is not
   * deleted. `null`: some record had no readable key, so nothing of this collection is deleted in this run.
   */
  readonly quarantinedKeys: readonly string[] | null;
  /** The parent first, then its children. */
  readonly tables: readonly LoadTable[];
}

/** What to load: one run's tables, complete, as its manifest lists them. */
export interface LoadRequest {
  readonly runId: string;
  /** Name of the source; a warehouse holds the tables of one source. */
  readonly source: string;
  /** Of the run's tables manifest. The same run id with another hash is refused. */
  readonly manifestSha256: string;
  /** ISO 8601 in UTC: the earliest of the collections. */
  readonly extractedAt: string;
  readonly collections: readonly LoadCollection[];
  /** Lets a collection come back empty or lose more than the guard allows, see `assertDeletionsAllowed`. @default false */
  readonly allowDeletes?: boolean | undefined;
  /** Lets tables of another source be replaced by this one's. @default false */
  readonly allowSourceChange?: boolean | undefined;
}

/**
 * Checks what a type cannot say.
 *
 * @throws EtlError of kind `usage` for a bad run id or table list, of kind `integrity` (MANIFEST_COUNTS) where parts do
 *   not add up to their table.
 */
export function validateRequest(request: LoadRequest): void {
  parseRunId(request.runId);
  instant(request.extractedAt, `run ${request.runId}`);
  const names = new Set<string>();
  for (const collection of request.collections) {
    instant(collection.extractedAt, `collection ${collection.name}`);
    if (collection.tables.length === 0 || isChild(collection.tables[0]!.spec)) {
      throw refuse(`Collection ${collection.name} must list its parent table first.`);
    }
    for (const [index, table] of collection.tables.entries()) {
      const { name } = table.spec;
      if (index > 0 && !isChild(table.spec))
        throw refuse(`Collection ${collection.name} has two parents: ${name}.`);
      if (!/^[a-z][a-z0-9_]*$/.test(name)) {
        throw refuse(
          `The table name ${JSON.stringify(name)} must be of a–z, 0–9 and _ and start with a letter.`,
        );
      }
      if (names.has(name)) throw refuse(`The table ${name} is listed twice.`);
      names.add(name);
      const rows = table.parts.reduce((sum, part) => sum + part.rows, 0);
      if (rows !== table.rows) {
        throw new EtlError({
          kind: "integrity",
          code: "MANIFEST_COUNTS",
          message: `The manifest of run ${request.runId} gives table ${name} ${table.rows} rows, but its parts add up to ${rows}.`,
          hint: "The manifest is damaged: restore it, or run again under a new run id.",
          details: { table: name, rows: table.rows, partRows: rows },
        });
      }
    }
  }
}

function instant(text: string, where: string): void {
  if (Number.isNaN(Date.parse(text)))
    throw refuse(`The time ${JSON.stringify(text)} of ${where} is not ISO 8601.`);
}

function refuse(message: string): EtlError {
  return new EtlError({
    kind: "usage",
    code: "LOAD_REQUEST",
    message,
    hint: "Build the request from a committed tables manifest.",
  });
}
