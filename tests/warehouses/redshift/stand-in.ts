import { S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";
import { Client } from "pg";
import { CATALOG_SQL } from "./catalog.ts";
import { type Fault, makeControls, type StatementHooks, type StatementRecord } from "./controls.ts";
import type { CopyWorld } from "./copy.ts";
import { openEndpoint } from "./endpoint.ts";
import type { TableAttributes } from "./table-reading.ts";
import { startPostgres } from "./postgres.ts";
import { quote, shortName } from "./translate.ts";

export interface RedshiftOptions {
  /** Where COPY finds its manifests and parts. */
  readonly s3: {
    /** `http://127.0.0.1:<port>` of a test server. */
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** ARNs that COPY may name; all others are refused as the service refuses them. */
  readonly roles: readonly string[];
  /** Users beside the one of `connection`, who may do what they are granted and no more. @default none */
  readonly users?: readonly { readonly user: string; readonly password: string }[];
}

/** A Redshift stand-in; every client sees the same database. */
export interface RedshiftStandIn extends AsyncDisposable {
  /** For `pg`: `new Client(standIn.connection)`. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  /** All statements that reached the endpoint, also refused ones, in order. */
  statements(): readonly StatementRecord[];
  /** Empties the log. */
  forget(): void;
  /** Lets something go wrong. */
  inject(fault: Fault): void;
  /** Called around each statement; both are null at first. */
  readonly hooks: StatementHooks;
  /** What CREATE TABLE said of a table that exists; undefined for one without, or none. */
  attributesOf(schema: string, table: string): Promise<TableAttributes | undefined>;
  /** The end of what PostgreSQL printed. */
  log(): string;
  /** Ends all sessions and PostgreSQL, and removes its data; again is fine. */
  close(): Promise<void>;
}

const DATABASE = "dev";
const USER = "loader";
const PASSWORD = "stand-in-password";

/**
 * Starts PostgreSQL behind an endpoint that behaves as Redshift does for a loader; see README.md for how far.
 *
 * @throws Error when no PostgreSQL 15 or newer is installed.
 */
export async function startRedshift({ s3, roles, users = [] }: RedshiftOptions): Promise<RedshiftStandIn> {
  const postgres = await startPostgres();
  const ends: (() => Promise<unknown> | void)[] = [postgres.close];
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing ??= (async () => {
      for (const end of ends.toReversed()) await end();
    })();
    await closing;
  };
  try {
    const admin = await openDatabase(postgres.port);
    ends.push(() => admin.end());
    for (const { user } of users) await admin.query(`CREATE ROLE ${quote(user)} LOGIN`);
    const client = new S3Client({ ...s3, forcePathStyle: true });
    ends.push(() => client.destroy());
    const duckdb = await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "1GB" });
    ends.push(() => duckdb.closeSync());
    const controls = makeControls();
    let queries = 100;
    const copy: CopyWorld = {
      s3: client,
      duckdb,
      roles,
      user: USER,
      nextQuery: () => ++queries,
      note: async (sql, values) => void (await admin.query(sql, [...values])),
    };
    const endpoint = await openEndpoint({
      postgresPort: postgres.port,
      users: new Map(
        [{ user: USER, password: PASSWORD }, ...users].map((each) => [each.user, each.password]),
      ),
      controls,
      copy,
    });
    ends.push(endpoint.close);
    return {
      connection: {
        host: "127.0.0.1",
        port: endpoint.port,
        user: USER,
        password: PASSWORD,
        database: DATABASE,
      },
      statements: controls.statements,
      forget: controls.forget,
      inject: controls.inject,
      hooks: controls.hooks,
      async attributesOf(schema, table) {
        const { rows } = await admin.query<{ attributes: string }>(
          "SELECT attributes FROM redshift_internal.attributes WHERE table_id = to_regclass($1)",
          [[schema, table].map((name) => quote(shortName(name.toLowerCase()))).join(".")],
        );
        return rows[0] === undefined ? undefined : (JSON.parse(rows[0].attributes) as TableAttributes);
      },
      log: postgres.log,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The stand-in's own session, which stays open. */
async function openDatabase(port: number): Promise<Client> {
  const open = async (database: string): Promise<Client> => {
    const client = new Client({ host: "127.0.0.1", port, user: "postgres", database });
    // Its end is waited for where it matters.
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };
  const first = await open("postgres");
  try {
    await first.query(`CREATE ROLE ${USER} SUPERUSER LOGIN`);
    await first.query(`CREATE DATABASE ${DATABASE} OWNER ${USER}`);
  } finally {
    await first.end();
  }
  const admin = await open(DATABASE);
  try {
    await admin.query(CATALOG_SQL);
    await admin.query("SET default_transaction_isolation = 'read committed'");
    return admin;
  } catch (error) {
    await admin.end();
    throw error;
  }
}
