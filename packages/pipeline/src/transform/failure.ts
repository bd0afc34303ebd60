import { EtlError } from "@spacex-etl/contracts";
import type { Ended } from "./process.ts";
import type { DbtResults } from "./run-results.ts";
import { serviceTrouble } from "./service-trouble.ts";

/** Nodes that a message names; the log has all. */
const NAMED_NODES = 3;
const LAST_LINES = 3;
/** DuckDB, when another process has the file. */
const LOCKED = /could not set lock|conflicting lock/i;

/** The error of a build that ended badly, with what dbt wrote down of it, if it did. */
export function dbtFailure(ended: Ended, results: DbtResults | undefined, log: string): EtlError {
  const failures = results?.failures ?? [];
  const details = { dbtExitCode: ended.code };
  if (LOCKED.test(ended.tail) || failures.some(({ message }) => LOCKED.test(message))) {
    return new EtlError({
      kind: "busy",
      code: "WAREHOUSE_LOCKED",
      message: "Another process took hold of the warehouse while dbt was starting.",
      hint: "Wait for it to end and run the same command again; only the transform is left to do.",
      details,
    });
  }
  const message = failures.length > 0 ? failedNodes(failures) : noResults(ended);
  const trouble = serviceTrouble(
    failures.length > 0 ? failures.map((failure) => failure.message) : [ended.tail],
  );
  if (trouble !== undefined) {
    return new EtlError({
      kind: trouble.kind,
      code: trouble.code,
      message,
      hint: `The raw tables are loaded, only the transform is left to do. ${trouble.hint} All of dbt's output is in ${log}.`,
      details,
    });
  }
  return new EtlError({
    kind: "transform",
    code: "DBT_FAILED",
    message,
    hint: `The raw tables are loaded. All of dbt's output is in ${log}; mend it and run transform again.`,
    details,
  });
}

function failedNodes(failures: DbtResults["failures"]): string {
  const named = failures
    .slice(0, NAMED_NODES)
    .map(({ node, message }) => (message === "" ? node : `${node}: ${message}`));
  const more = failures.length - named.length;
  return `dbt build failed at ${named.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`;
}

function noResults({ code, endedBy, tail }: Ended): string {
  const how = endedBy === null ? `ended with code ${code}` : `was ended by ${endedBy}`;
  const said = tail
    .split("\n")
    .map((line) => line.replace(/^\d\d:\d\d:\d\d\s+/, "").trim())
    .filter((line) => line !== "")
    .slice(-LAST_LINES)
    .join(" ");
  return `dbt build ${how} before it wrote its results${said === "" ? "." : `: ${said}`}`;
}
