import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type RedshiftStandIn, startRedshift } from "./index.ts";

/** What the tests of a file share: one stand-in without a lake, and for each test an empty schema `raw`. */
export interface SharedRedshift {
  readonly redshift: RedshiftStandIn;
  /** A new one for each test. */
  readonly client: Client;
  /** Further clients; closed when the test ends. */
  connect(options?: { readonly password?: string }): Promise<Client>;
}

/** Starts and ends what the tests share; to be called once in a file. */
export function sharedRedshift(): SharedRedshift {
  let redshift: RedshiftStandIn;
  let client: Client;
  const open: Client[] = [];

  async function connect(options: { readonly password?: string } = {}): Promise<Client> {
    const made = new Client({ ...redshift.connection, ...options });
    // A reset is seen where its query fails.
    made.on("error", () => undefined);
    await made.connect();
    open.push(made);
    return made;
  }

  beforeAll(async () => {
    redshift = await startRedshift({
      s3: {
        endpoint: "http://127.0.0.1:1",
        region: "us-east-1",
        credentials: { accessKeyId: "a", secretAccessKey: "b" },
      },
      roles: [],
    });
  });
  afterAll(async () => await redshift?.close());
  beforeEach(async () => {
    client = await connect();
    await client.query("DROP SCHEMA IF EXISTS raw CASCADE");
    await client.query("CREATE SCHEMA raw");
    redshift.forget();
  });
  afterEach(async () => {
    for (const made of open.splice(0)) await made.end().catch(() => undefined);
  });

  return {
    get redshift() {
      return redshift;
    },
    get client() {
      return client;
    },
    connect,
  };
}
