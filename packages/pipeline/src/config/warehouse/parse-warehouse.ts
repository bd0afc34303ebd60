import { EtlError } from "@spacex-etl/contracts/errors";
import { didYouMean } from "../../command-line/usage-error.ts";
import type { Parsed } from "../locations.ts";
import { bigqueryWarehouse } from "./bigquery.ts";
import { duckdbWarehouse } from "./duckdb.ts";
import { redshiftWarehouse } from "./redshift.ts";
import type { WarehouseLocation } from "./warehouse-location.ts";

const SCHEMES = ["duckdb", "bigquery", "redshift"] as const;
const FORMS =
  "Use a DuckDB file (./warehouse.duckdb), bigquery://project/dataset?location=EU or redshift://user@host:5439/database?iamRole=arn….";

/** What an address does not say by itself. */
export interface WarehouseContext {
  /** Absolute path that relative ones are resolved against. */
  readonly cwd: string;
  /** The password of Redshift, at the time of asking. */
  readonly password: () => string | undefined;
  /** The region of AWS that the environment names. */
  readonly region: string | undefined;
}

/** A DuckDB file, a dataset of BigQuery or a schema of Redshift. */
export function parseWarehouse(text: string, context: WarehouseContext): Parsed<WarehouseLocation> {
  // One letter before a colon is a drive.
  const [, given = "", rest = ""] = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(text) ?? [];
  const scheme = given.toLowerCase();
  switch (scheme) {
    case "":
    case "duckdb":
      return duckdbWarehouse(text, context.cwd);
    case "bigquery":
      return read(() => bigqueryWarehouse(rest, text));
    case "redshift":
      return read(() => redshiftWarehouse(rest, context));
    case "postgres":
    case "postgresql":
    case "snowflake":
    case "md":
    case "motherduck":
      return {
        ok: false,
        code: "DESTINATION_UNSUPPORTED",
        problem: `is another warehouse than DuckDB, BigQuery and Redshift, and ${scheme} is not in this version`,
        hint: FORMS,
      };
    default:
      return {
        ok: false,
        problem: `has the unknown scheme ${given}:`,
        hint: didYouMean(scheme === "bq" ? "bigquery" : scheme, SCHEMES, FORMS),
      };
  }
}

function read(work: () => WarehouseLocation): Parsed<WarehouseLocation> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (!EtlError.isInstance(error)) throw error;
    return {
      ok: false,
      code: error.code,
      problem: `cannot be used: ${error.message}`,
      hint: error.hint ?? FORMS,
    };
  }
}
