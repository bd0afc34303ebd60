import { type RedshiftTargets, startRedshiftTargets } from "../loaders/redshift-target.ts";
import type { RedshiftStandIn } from "../redshift/index.ts";
import type { CalledServer } from "./kill-at-calls.ts";

/** Redshift and S3, shared by schemas. */
export interface RedshiftWorld extends RedshiftTargets {
  /** `LAKE_URL` of a lake that COPY can read. */
  lakeUrl(prefix: string): string;
}

export async function openRedshiftWorld(): Promise<RedshiftWorld> {
  const targets = await startRedshiftTargets();
  return { ...targets, lakeUrl: (prefix) => targets.s3.lakeUrl("lake", prefix) };
}

/** Statements by their first words, without the schema and what stands in quotes. */
export function statementsOf(redshift: RedshiftStandIn): CalledServer {
  return {
    listen(listener) {
      redshift.hooks.before =
        listener === null ? null : async (sql) => void (await listener(nameOf(sql), "before"));
      redshift.hooks.after =
        listener === null ? null : async (sql) => void (await listener(nameOf(sql), "after"));
    },
  };
}

function nameOf(sql: string): string {
  return sql
    .replaceAll(/raw_\d+/g, "raw")
    .replaceAll(/'[^']*'/g, "''")
    .replaceAll(/\s+/g, " ")
    .slice(0, 70);
}
