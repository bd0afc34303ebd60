import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, type RunReport } from "@spacex-etl/pipeline";
import { expect, test } from "vitest";
import { styleFor } from "../terminal/index.ts";
import { nextCommands } from "./next-commands.ts";
import { renderRunReport } from "./run-report.ts";

const LAKE = "s3://ada-lake/spacex?region=eu-central-1&endpoint=http://127.0.0.1:7070&pathStyle=true";

const report: RunReport = {
  runId: "r1",
  status: "ok",
  exitCode: 0,
  durationMs: 1200,
  collections: [],
  tables: [{ name: "crew", rows: 30, inserted: 30, updated: 0, deleted: 0, unchanged: 0 }],
  transform: { status: "off" },
  lake: LAKE,
  warehouse: "/srv/ada/w.duckdb",
  manifest: "s3://ada-lake/spacex/runs/r1/tables.json",
};

function configOf(flags: Record<string, string>, env: Record<string, string> = {}) {
  return parseConfig({ command: "run", flags: { api: "live", ...flags }, env, cwd: "/srv/ada" });
}

test("what is proposed leads to the same bucket, with all its parameters", () => {
  const commands = nextCommands(report, configOf({ lake: LAKE }), {}).map(({ command }) => command);
  expect(commands[0]).toBe(`spacex-etl files crew --api live --lake '${LAKE}'`);
  const named = nextCommands(report, configOf({}, { LAKE_URL: LAKE }), {});
  expect(named[0]?.command).toBe("spacex-etl files crew --api live");
});

test("people see the bucket without its parameters, and the manifest's address", () => {
  const env = { NO_COLOR: "1" };
  const style = styleFor({ write: () => true }, env);
  const lines = renderRunReport(report, {
    config: configOf({}, { LAKE_URL: LAKE }),
    env,
    style,
    columns: 80,
  });
  expect(lines).toContain("  lake      s3://ada-lake/spacex");
  expect(lines).toContain("  manifest  s3://ada-lake/spacex/runs/r1/tables.json");
});

test("of a service, rows are looked at by its own program where that is installed, and no secret is printed", () => {
  const bin = mkdtempSync(join(tmpdir(), "programs-"));
  try {
    for (const program of ["bq", "psql", "duckdb"]) {
      writeFileSync(join(bin, program), "");
      chmodSync(join(bin, program), 0o755);
    }
    const lookingAt = (lake: string, warehouse: string, iam = false): string | undefined => {
      const config = configOf({ lake, warehouse }, iam ? {} : { REDSHIFT_PASSWORD: "hunter2" });
      const commands = nextCommands(report, config, { PATH: bin });
      expect(JSON.stringify(commands)).not.toContain("hunter2");
      expect(nextCommands(report, config, { PATH: "" })).toHaveLength(commands.length - 1);
      return commands.find(({ purpose }) => purpose === "look at the rows")?.command;
    };
    expect(lookingAt("gs://ada-lake", "bigquery://my-project/raw?location=EU&jobProject=my-jobs")).toBe(
      "bq --project_id=my-jobs --location=EU query --use_legacy_sql=false 'SELECT * FROM `my-project.raw.crew` LIMIT 10'",
    );
    expect(
      lookingAt(
        "s3://ada-lake",
        "redshift://IAM%3Aada@cluster.example/de%27v?iamRole=default&schema=my%20raw",
      ),
    ).toBe(
      `PGPASSWORD="$REDSHIFT_PASSWORD" psql ${String.raw`'host=cluster.example port=5439 user=IAM:ada dbname='\''de\'\''v'\'' sslmode=verify-full sslrootcert=system'`} -c 'SELECT * FROM "my raw".crew LIMIT 10'`,
    );
    const iam = "/dev?iamRole=default&iam=true&sslmode=require";
    const host = "c-1.abc.eu-west-1.redshift.amazonaws.com";
    expect(lookingAt("s3://ada-lake", `redshift://ada@${host}${iam}`, true)).toBe(
      `PGPASSWORD="$(aws redshift get-cluster-credentials --cluster-identifier c-1 --db-user ada --db-name dev --region eu-west-1 --output text --query DbPassword)" psql 'host=${host} port=5439 user=IAM:ada dbname=dev sslmode=require' -c 'SELECT * FROM "raw".crew LIMIT 10'`,
    );
    const workgroup = "wg-1.123456789012.eu-west-1.redshift-serverless.amazonaws.com";
    expect(lookingAt("s3://ada-lake", `redshift://${workgroup}${iam}`, true)).toBe(
      `aws redshift-serverless get-credentials --workgroup-name wg-1 --db-name dev --region eu-west-1 --output text --query '[dbUser,dbPassword]' | (read -r PGUSER PGPASSWORD; export PGUSER PGPASSWORD; psql 'host=${workgroup} port=5439 dbname=dev sslmode=require' -c 'SELECT * FROM "raw".crew LIMIT 10')`,
    );
    expect(lookingAt("s3://ada-lake", "w.duckdb")).toBe("duckdb -readonly ./w.duckdb 'from raw.crew'");
  } finally {
    rmSync(bin, { recursive: true });
  }
});

test("what is proposed leads to the same service, with all its parameters", () => {
  const warehouse = "bigquery://my-project/raw?location=EU&labels=team:data";
  const [first] = nextCommands(report, configOf({ lake: "gs://ada-lake", warehouse }), {});
  expect(first?.command).toBe(
    `spacex-etl files crew --api live --lake gs://ada-lake --warehouse '${warehouse}'`,
  );
});
