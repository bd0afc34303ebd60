import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ObjectStore } from "@spacex-etl/lake-writers";
import type { S3StoreOptions } from "@spacex-etl/lake-writers/s3";
import {
  type ManifestStore,
  type RedshiftLoaderOptions,
  type RedshiftSsl,
  redshiftLoader,
} from "@spacex-etl/warehouse-loaders/redshift";
import type { LoaderTarget, RawRow } from "@spacex-etl/warehouse-loaders/testing";
import { Client } from "pg";

/** A Redshift and a lake that it can read: the stand-ins, or real ones. */
export interface RedshiftPlace {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  readonly ssl: RedshiftSsl;
  readonly iamRole: string;
  readonly lake: S3StoreOptions;
  readonly store: ObjectStore;
}

/** A target, and what the tests of this driver ask beyond the contract. */
export interface RedshiftTarget extends LoaderTarget {
  readonly schema: string;
  readonly manifests: ManifestStore;
  readonly options: RedshiftLoaderOptions;
  publish(path: string, name: string): Promise<string>;
  /** Rows of any query, on a connection that has no faults. */
  query(sql: string): Promise<RawRow[]>;
}

/** What a loader in another process needs. */
export interface ProcessArgument extends Omit<RedshiftPlace, "store"> {
  readonly schema: string;
}

/** A target on a schema that is not there yet, and that goes with it. */
export function openRedshiftTarget(
  { store, ...place }: RedshiftPlace,
  schema: string,
  change: Partial<RedshiftLoaderOptions> = {},
): RedshiftTarget {
  const { connection, ssl, iamRole } = place;
  const options = {
    ...connection,
    ssl,
    schema,
    iamRole,
    manifests: store,
    conflictPauseMs: 50,
    ...change,
  } as RedshiftLoaderOptions;
  const argument: ProcessArgument = { ...place, schema };
  const query = async (sql: string): Promise<RawRow[]> => {
    const client = new Client({ ...connection, ssl: ssl !== "disable" });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<RawRow>(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  return {
    schema,
    manifests: store,
    options,
    query,
    loader: ({ now } = {}) => redshiftLoader({ ...options, now }),
    read: async (table) => {
      const columns = await query(
        `SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = '${schema}' AND table_name = '${table}' ORDER BY ordinal_position`,
      );
      if (columns.length === 0) return [];
      return await query(`SELECT ${columns.map(asJson).join(", ")} FROM "${schema}"."${table}"`);
    },
    execute: async (sql) => void (await query(sql)),
    name: (table) => `"${schema}"."${table}"`,
    types: { int64: "BIGINT", string: "VARCHAR(100)" },
    publish: async (path, name) => {
      await store.createIfAbsent(name, await readFile(path));
      return `${store.url}/${name}`;
    },
    process: {
      script: fileURLToPath(new URL("redshift-process.ts", import.meta.url)),
      argument,
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A column as `RawRow` has it; pg makes decimal text of 64-bit integers by itself. */
function asJson({ column_name, data_type }: RawRow): string {
  const name = `"${String(column_name).replaceAll('"', '""')}"`;
  if (data_type === "timestamp without time zone")
    return `to_char(${name}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS ${name}`;
  return data_type === "date" ? `to_char(${name}, 'YYYY-MM-DD') AS ${name}` : name;
}
