import type { LakeLocation as ParsedLake } from "@spacex-etl/lake-writers";
import type { CommandName } from "../command-line/commands.ts";
import type { WarehouseLocation } from "./warehouse/index.ts";

/** Where the records come from. */
export type ApiLocation =
  /** The snapshot that comes with the package, served on localhost for the time of the run. */
  | { readonly kind: "embedded" }
  /** The public API. */
  | { readonly kind: "live"; readonly baseUrl: string }
  /** Any other; `baseUrl` has no trailing slash and no `/v4`. */
  | { readonly kind: "url"; readonly baseUrl: string };

/** Where the lake is. */
export interface LakeLocation {
  /** A folder or a bucket, as `openLake` of the lake writers takes it. */
  readonly location: ParsedLake;
  /** As it can be given to `--lake` from anywhere: an absolute path, or the address with all its parameters. */
  readonly url: string;
  /**
   * For messages: the path, relative to the working directory where it lies inside; of a bucket the address without
   * parameters.
   */
  readonly display: string;
}

/** Who said it. `doctor` prints it, and some rules depend on it. */
export type SettingOrigin = "flag" | "environment" | "default";

/** A setting's key, equal to the long flag in camel case without a leading `no`. */
export type SettingName =
  | "api"
  | "source"
  | "lake"
  | "warehouse"
  | "runId"
  | "collections"
  | "transform"
  | "compression"
  | "maxInvalid"
  | "allowDeletes"
  | "allowSourceChange"
  | "strict"
  | "etag"
  | "json"
  | "dbt"
  | "dbtProject"
  | "lockTimeout"
  | "memoryLimit"
  | "keepRuns"
  | "keepDays"
  | "graceHours"
  | "dryRun";

/** Everything a command needs to know: validated, plain, made by `parseConfig`. */
export interface PipelineConfig {
  readonly command: CommandName;
  readonly api: ApiLocation;
  /**
   * Name of the source in lake paths and in the warehouse. Derived from `api` where `origin.source` is `default`:
   * `embedded`, `live`, or the API's host (and port, and path) as `[a-z0-9.-]`.
   */
  readonly source: string;
  readonly lake: LakeLocation;
  readonly warehouse: WarehouseLocation;
  /** Undefined: `run` and `extract` make a new one, the others take the newest head. */
  readonly runId: string | undefined;
  /** All known ones where `origin.collections` is `default`; in the known order, each once, never empty. */
  readonly collections: readonly string[];
  /** `files` only: the table. */
  readonly table: string | undefined;
  /** False: `run` ends after load. */
  readonly transform: boolean;
  readonly compression: "zstd" | "gzip";
  /** Records per collection that may fail validation before the step fails. */
  readonly maxInvalid: number;
  readonly allowDeletes: boolean;
  readonly allowSourceChange: boolean;
  /** Fields that the schema does not know are an error (kind `schema`). */
  readonly strict: boolean;
  /** False: every collection is asked for again in full. */
  readonly etag: boolean;
  /** The runner prints one JSON document. */
  readonly json: boolean;
  readonly dbt: {
    /** Absolute path, or a bare command name for PATH; undefined: `dbt` on the PATH. */
    readonly executable: string | undefined;
    /** Absolute path; undefined: the project that comes with spacex-etl. */
    readonly projectDirectory: string | undefined;
    /** Absolute path of the folder for dbt's artifacts and logs of this warehouse. */
    readonly artifactsDirectory: string;
  };
  /** How long to wait for a warehouse that another process holds. */
  readonly lockTimeoutMs: number;
  /** DuckDB's `memory_limit`, for example `512MB`. */
  readonly memoryLimit: string;
  readonly gc: {
    /** Newest runs to keep; undefined: no limit by number. */
    readonly keepRuns: number | undefined;
    /** Age in days up to which runs are kept; undefined: no limit by age. Both undefined: all runs are kept. */
    readonly keepDays: number | undefined;
    readonly graceHours: number;
    readonly dryRun: boolean;
  };
  readonly origin: Readonly<Record<SettingName, SettingOrigin>>;
  /** Things to say once, for example that a scheduler's run id was mapped to a valid one. */
  readonly notes: readonly string[];
}
