import {
  isChild,
  lakeColumns,
  type LogicalType,
  type TableColumn,
  type TableSpec,
} from "@spacex-etl/contracts";

/** Run that wrote the row last. */
export const RUN_ID = "_run_id";
/** Time of the load that wrote the row last: one value per load, greater than that of any load before. */
export const LOADED_AT = "_loaded_at";
/** Set to `_loaded_at` by the load that no longer found the row; null for a live row. */
export const DELETED_AT = "_deleted_at";

/** A column of the raw schema. */
export interface RawColumn extends TableColumn {
  /** Declared NOT NULL: keys and bookkeeping only, so that a column may become optional without an ALTER. */
  readonly required: boolean;
}

/** The columns of a table in the warehouse's raw schema, in order: those of the lake, then the bookkeeping. */
export function rawColumns(spec: TableSpec): RawColumn[] {
  const keys = new Set(spec.key);
  return [
    ...lakeColumns(spec).map((column) => ({
      ...column,
      required: keys.has(column.name) || (column.name.startsWith("_") && !column.nullable),
    })),
    bookkeeping(RUN_ID, "string", true, "Run that wrote the row last."),
    bookkeeping(LOADED_AT, "timestamp", true, "Time of the load that wrote the row last."),
    ...(isChild(spec)
      ? []
      : [
          bookkeeping(
            DELETED_AT,
            "timestamp",
            false,
            "Time of the load that no longer found the row; null while it is live.",
          ),
        ]),
  ];
}

/** A table of the raw schema that belongs to the loader itself. */
export interface BookkeepingTable {
  readonly name: string;
  readonly columns: readonly RawColumn[];
}

/** The ledger: one row per load, written in the transaction of its data. */
export const LEDGER: BookkeepingTable = {
  name: "_loads",
  columns: [
    bookkeeping("run_id", "string", true),
    bookkeeping("source", "string", true),
    bookkeeping("manifest_sha256", "string", true),
    bookkeeping("extracted_at", "timestamp", true),
    bookkeeping("loaded_at", "timestamp", true),
    bookkeeping("changed", "boolean", true, "Whether any row or column changed."),
    bookkeeping("counts", "string", true, "JSON: table → counts."),
  ],
};

/** What the newest load left in each table. */
export const REGISTRY: BookkeepingTable = {
  name: "_tables",
  columns: [
    bookkeeping("table_name", "string", true),
    bookkeeping("collection", "string", true),
    bookkeeping("source", "string", true),
    bookkeeping("schema_version", "int64", true),
    bookkeeping("schema_fingerprint", "string", true),
    bookkeeping("content_sha256", "string", true),
    bookkeeping("row_count", "int64", true, "Live rows after the load."),
    bookkeeping("extracted_at", "timestamp", true),
    bookkeeping("run_id", "string", true),
    bookkeeping("loaded_at", "timestamp", true, "Last load that wrote or confirmed the content."),
  ],
};

/** Successful transforms, so that one without a change since can be skipped. */
export const TRANSFORMS: BookkeepingTable = {
  name: "_transforms",
  columns: [
    bookkeeping("project_sha256", "string", true),
    bookkeeping("run_id", "string", true),
    bookkeeping("changed_at", "timestamp", false),
    bookkeeping("finished_at", "timestamp", true),
  ],
};

function bookkeeping(name: string, type: LogicalType, required: boolean, description?: string): RawColumn {
  return { name, type, nullable: !required, required, ...(description === undefined ? {} : { description }) };
}
