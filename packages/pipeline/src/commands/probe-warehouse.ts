import { EtlError } from "@spacex-etl/contracts";
import type { WarehouseLocation } from "../config/index.ts";
import type { Session } from "../session/session.ts";
import { type Check, failed, passed } from "./check.ts";

/** Who asks wants an answer soon: a service that does not answer is given up after so long, not after its driver's retries. */
const DEADLINE_MS = 20_000;

/** Whether the warehouse can be loaded, as far as that can be known without writing anything. */
export async function probeWarehouse(session: Session): Promise<readonly Check[]> {
  const { warehouse } = session.config;
  const permission = permissionsOf(warehouse);
  try {
    const loader = await session.loader();
    await withinDeadline(warehouse, session.signal, (signal) => loader.check({ signal }));
    return [
      permission === undefined
        ? passed("warehouse", `${loader.engine} ${loader.location} can be opened`)
        : { ...passed("warehouse", describe(warehouse, permission)), permission },
    ];
  } catch (error) {
    session.signal?.throwIfAborted();
    const check = failed("warehouse", error);
    return [permission === undefined ? check : { ...check, permission }];
  }
}

async function withinDeadline(
  warehouse: WarehouseLocation,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal | undefined) => Promise<void>,
): Promise<void> {
  // A file is waited for as long as the person said.
  if (warehouse.kind === "duckdb") return work(signal);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(silent(warehouse)), DEADLINE_MS);
  try {
    await work(signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}

function silent({ display }: WarehouseLocation): EtlError {
  return new EtlError({
    kind: "destination",
    code: "WAREHOUSE_UNREACHABLE",
    message: `${display} gave no answer within ${DEADLINE_MS / 1000} seconds.`,
    hint: "Check address, network and firewall; a load itself waits longer.",
  });
}

/** What the check has proven: of Redshift every grant but that of new columns, of BigQuery only that the account may ask. */
function describe({ kind, display }: WarehouseLocation, permission: string): string {
  return kind === "bigquery"
    ? `${display} answers and runs queries; a load needs ${permission}`
    : `${display} can be loaded (${permission}); only who owns a table may add columns to it`;
}

/** What a load has to be allowed, by the names that the service gives it; undefined of a file. */
function permissionsOf(warehouse: WarehouseLocation): string | undefined {
  switch (warehouse.kind) {
    case "duckdb":
      return undefined;
    case "bigquery": {
      const { project, dataset, jobProject = project } = warehouse;
      return `roles/bigquery.jobUser on ${jobProject}, roles/bigquery.dataEditor on ${project}.${dataset}; for a new dataset bigquery.datasets.create`;
    }
    case "redshift": {
      const { database, schema, iam } = warehouse;
      const credentials =
        iam === undefined
          ? ""
          : iam.kind === "cluster"
            ? "redshift:GetClusterCredentials, "
            : "redshift-serverless:GetCredentials, ";
      return `${credentials}TEMP on database ${database}, USAGE and CREATE on schema ${schema}, SELECT, INSERT, UPDATE and DELETE on its tables; for a new schema CREATE on the database`;
    }
  }
}
