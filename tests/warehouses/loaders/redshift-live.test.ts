import { randomBytes } from "node:crypto";
import { s3Store } from "@spacex-etl/lake-writers/s3";
import { testLoader } from "@spacex-etl/warehouse-loaders/testing";
import { test } from "vitest";
import { openRedshiftTarget, type RedshiftTarget } from "./open-redshift-target.ts";

// The contract on a real cluster or workgroup, when the environment names one. It makes schemas named etl_test_… and drops
// them, and leaves objects below the prefix, which a lifecycle rule should remove. AWS credentials are those of the machine.
const NAMES = ["HOST", "DATABASE", "USER", "PASSWORD", "IAM_ROLE", "BUCKET", "REGION"] as const;
const given = Object.fromEntries(NAMES.map((name) => [name, process.env[`REDSHIFT_LIVE_${name}`] ?? ""]));
const missing = NAMES.filter((name) => given[name] === "");

if (missing.length > 0) {
  console.warn(
    `No real Redshift is tested: ${missing.map((name) => `REDSHIFT_LIVE_${name}`).join(", ")} not set.`,
  );
  test.runIf(false)("loader: a real Redshift", () => undefined);
} else {
  const lake = { bucket: given["BUCKET"]!, prefix: "etl-test", region: given["REGION"]! };
  const place = {
    connection: {
      host: given["HOST"]!,
      port: Number(process.env["REDSHIFT_LIVE_PORT"] ?? 5439),
      user: given["USER"]!,
      password: given["PASSWORD"]!,
      database: given["DATABASE"]!,
    },
    ssl: "verify-full",
    iamRole: given["IAM_ROLE"]!,
    lake,
    store: s3Store(lake),
  } as const;
  testLoader({
    name: "a real Redshift",
    open: () =>
      Promise.resolve(dropped(openRedshiftTarget(place, `etl_test_${randomBytes(6).toString("hex")}`))),
    largeRows: 20_000,
    killEvery: 20,
    canSetNotNull: false,
    alteredTablesBlock: true,
    stagesByJob: true,
  });
}

/** With its schema dropped at the end. */
function dropped(target: RedshiftTarget): RedshiftTarget {
  return {
    ...target,
    [Symbol.asyncDispose]: () => target.execute(`DROP SCHEMA IF EXISTS "${target.schema}" CASCADE`),
  };
}
