import type { PipelineConfig, RedshiftWarehouse } from "@spacex-etl/pipeline";
import { quote } from "./quote.ts";

/** A command of the warehouse's own program that prints rows of a raw table. No secret stands in it. */
export interface LookAtRows {
  /** Name of the program, as it is looked for on the PATH. */
  readonly program: string;
  readonly command: string;
}

const ROWS = 10;

/** How to look at the rows of a table; its name is plain. */
export function lookAtRows({ warehouse }: PipelineConfig, table: string): LookAtRows {
  switch (warehouse.kind) {
    case "duckdb":
      return {
        program: "duckdb",
        command: `duckdb -readonly ${quote(warehouse.display)} 'from raw.${table}'`,
      };
    case "bigquery": {
      const { project, dataset, jobProject = project, location } = warehouse;
      const sql = `SELECT * FROM \`${project}.${dataset}.${table}\` LIMIT ${ROWS}`;
      return {
        program: "bq",
        command: `bq --project_id=${jobProject} --location=${location} query --use_legacy_sql=false ${quote(sql)}`,
      };
    }
    case "redshift": {
      const { host, port, user, database, schema, sslmode, ca, iam } = warehouse;
      const place = {
        host,
        port: String(port),
        ...(iam === undefined ? { user } : iam.kind === "cluster" ? { user: `IAM:${user}` } : {}),
        dbname: database,
        sslmode,
        // Else psql looks for certificates in a file of its own, which is seldom there.
        ...(sslmode === "verify-full" ? { sslrootcert: ca ?? "system" } : {}),
      };
      const connection = Object.entries(place)
        .map(([name, value]) => `${name}=${connectionValue(value)}`)
        .join(" ");
      const sql = `SELECT * FROM "${schema.replaceAll('"', '""')}".${table} LIMIT ${ROWS}`;
      return {
        program: "psql",
        command: signedIn(warehouse, `psql ${quote(connection)} -c ${quote(sql)}`),
      };
    }
  }
}

/** A password is only named, or asked for when the command runs. */
function signedIn({ iam, user, database }: RedshiftWarehouse, psql: string): string {
  if (iam === undefined) return `PGPASSWORD="$REDSHIFT_PASSWORD" ${psql}`;
  const words = `--db-name ${quote(database)} --region ${iam.region} --output text`;
  return iam.kind === "cluster"
    ? `PGPASSWORD="$(aws redshift get-cluster-credentials --cluster-identifier ${iam.name} --db-user ${quote(user)} ${words} --query DbPassword)" ${psql}`
    : `aws redshift-serverless get-credentials --workgroup-name ${iam.name} ${words} --query '[dbUser,dbPassword]' | (read -r PGUSER PGPASSWORD; export PGUSER PGPASSWORD; ${psql})`;
}

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE */
function connectionValue(text: string): string {
  return /^[\w.:/@-]+$/.test(text) ? text : `'${text.replace(/[\\']/g, "\\$&")}'`;
}
