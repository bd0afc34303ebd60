import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { zstdDecompressSync } from "node:zlib";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { Storage } from "@google-cloud/storage";
import type { ObjectStore } from "@spacex-etl/lake-writers";
import { gcsStore } from "@spacex-etl/lake-writers/gcs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProxyFault } from "../harness/proxy-faults.ts";
import { openSite, type Site } from "../harness/site.ts";
import { temporaryFolder } from "../harness/workspace.ts";
import { s3ClientOf, TEST_CREDENTIALS } from "../servers/index.ts";
import { type Bucket, openBucket, showLogOfFailures, STRICT_SERVERS } from "./harness/bucket.ts";
import { bytesOf, keysOf } from "./harness/lake.ts";

/** In the environment or in an address of some command; none of them may come out anywhere. */
const PLANTED = {
  secretKey: "pLaNtEdSeCrEtKeY0123456789abcdefghijklmn",
  keyId: "AKIAPLANTED000000000",
  sessionToken: "IQoJb3JpZ2luPlAnTeDtOkEn0123456789/abcdef==",
  password: "planted-password-0123456789",
  signature: "0123456789abcdef0123456789abcdefplanted000000000",
  accessToken: "ya29.planted-access-token-0123456789",
  privateKey: "MIIPLANTEDPRIVATEKEY0123456789abcdefghijklmnop",
} as const;

/** Of credentials and signed addresses, whatever they hold. */
const FORMS = [
  /AWS4-HMAC-SHA256\s+Credential/i,
  /X-Amz-(Signature|Credential|Security-Token)=(?!\*)[^\s&]/i,
  /X-Goog-Signature=(?!\*)[^\s&]/i,
  /Bearer\s+(?!\*)[A-Za-z0-9]/,
  /BEGIN [A-Z ]*PRIVATE KEY/,
];

interface Said {
  readonly where: string;
  readonly text: string;
}

describe.each(STRICT_SERVERS)("with planted secrets on %s", (kind) => {
  const elsewhere = temporaryFolder();
  const said: Said[] = [];
  let bucket: Bucket;
  let site: Site;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    bucket = await openBucket(kind);
    const key = join(elsewhere.path, "key.json");
    writeFileSync(key, JSON.stringify(serviceAccount()));
    env = { SPACEX_ETL_DEBUG: "1", GOOGLE_APPLICATION_CREDENTIALS: key };
    site = await openSite({ env: { ...env, LAKE_URL: bucket.url("lake") }, processes: true });
  });
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
    await bucket?.[Symbol.asyncDispose]();
    elsewhere[Symbol.dispose]();
  });
  showLogOfFailures(() => bucket);

  async function run(words: string, more: Readonly<Record<string, string>> = {}): Promise<number | null> {
    const { code, output } = await site.plain(words, { env: more });
    said.push({ where: `${words} ${Object.keys(more).join(" ")}`, text: output });
    return code;
  }

  async function during(fault: ProxyFault, count: number, work: () => Promise<void>): Promise<void> {
    bucket.proxy.setRules([{ fault, when: { nth: 1, count } }]);
    await work();
    bucket.proxy.setRules([]);
  }

  test("every command, in success", async () => {
    for (const words of [
      "plan",
      "doctor",
      "run --run-id r1",
      "run --run-id r2 --json",
      "verify",
      "files crew",
      "gc --dry-run",
    ]) {
      expect(await run(words), said.at(-1)?.text).toBe(0);
    }
  });

  test("with a session token", async () => {
    const token = { AWS_SESSION_TOKEN: PLANTED.sessionToken };
    expect(await run("extract --run-id r3", token), said.at(-1)?.text).toBe(0);
    const tokens = bucket.proxy.requests.map(({ headers }) => headers["x-amz-security-token"]);
    if (kind === "versitygw") expect(tokens, "it is used").toContain(PLANTED.sessionToken);
  });

  test("through faults that are survived", async () => {
    const faults: readonly ProxyFault[] = [
      { kind: "reset-before" },
      { kind: "reset-after" },
      { kind: "busy", status: 503 },
      { kind: "truncate" },
      { kind: "corrupt-upload" },
    ];
    for (const [index, fault] of faults.entries()) {
      await during(fault, 2, async () => {
        expect(await run(`extract --run-id fault-${index}`), said.at(-1)?.text).toBe(0);
      });
    }
  });

  test.each([401, 403] as const)(
    "refused with %s by a service that repeats the credentials",
    async (status) => {
      await during({ kind: "deny", status }, 1_000, async () => {
        for (const words of [
          "extract --run-id denied",
          "extract --run-id denied --json",
          "verify",
          "doctor",
        ]) {
          expect(await run(words), said.at(-1)?.text).toBe(3);
        }
      });
    },
  );

  test("out of reach", async () => {
    await during({ kind: "reset-before" }, 10_000, async () => {
      expect(await run("doctor"), said.at(-1)?.text).toBe(8);
    });
  });

  if (kind === "versitygw")
    test("with credentials that the server does not know", async () => {
      const strange = { AWS_ACCESS_KEY_ID: PLANTED.keyId, AWS_SECRET_ACCESS_KEY: PLANTED.secretKey };
      expect(await run("extract --run-id strange", strange), said.at(-1)?.text).toBe(3);
      const wrong = { AWS_SECRET_ACCESS_KEY: PLANTED.secretKey, AWS_SESSION_TOKEN: PLANTED.sessionToken };
      expect(await run("doctor", wrong), said.at(-1)?.text).toBe(3);
    });

  test("in addresses that are wrong", async () => {
    const scheme = kind === "versitygw" ? "s3" : "gs";
    const addresses = [
      `${scheme}://${PLANTED.keyId}:${PLANTED.password}@lake/prefix`,
      `${scheme}://lake/prefix?X-Amz-Signature=${PLANTED.signature}&X-Amz-Security-Token=${PLANTED.sessionToken}`,
      `${scheme}://lake/prefix?access_token=${PLANTED.accessToken}`,
      `${scheme}://lake/prefix?endpoint=${encodeURIComponent(`http://user:${PLANTED.password}@127.0.0.1:1`)}`,
      `https://lake.example/prefix?X-Amz-Signature=${PLANTED.signature}`,
    ];
    for (const address of addresses) {
      expect(await run("plan", { LAKE_URL: address }), said.at(-1)?.text).toBe(2);
      expect(await run(`plan --json --lake ${address}`), said.at(-1)?.text).toBe(2);
    }
  });

  if (kind === "fake-gcs-server")
    test("of a caller's own client, however its errors are printed", async () => {
      const client = new Storage({
        apiEndpoint: bucket.proxy.endpoint,
        useAuthWithCustomEndpoint: true,
        projectId: "test",
      });
      const { transporter } = client.authClient.fromAPIKey("none");
      const authorization = `Bearer ${PLANTED.accessToken}`;
      Object.assign(client.authClient, {
        getRequestHeaders: () => Promise.resolve(new Headers({ authorization })),
        getClient: () => Promise.resolve({ transporter }),
      });
      const store: ObjectStore = gcsStore({ client, bucket: "lake", prefix: "own", deadlineMs: 300 });
      for (const fault of [
        { kind: "deny", status: 403 },
        { kind: "deny", status: 401 },
        { kind: "reset-before" },
        { kind: "busy", status: 503 },
      ] as const) {
        await during(fault, 1_000, async () => {
          const thrown = await store.createIfAbsent("a", Buffer.from("a")).catch((error: unknown) => error);
          expect(thrown).toBeInstanceOf(Error);
          expect(bucket.proxy.requests.at(-1)?.headers.authorization).toBe(authorization);
          said.push({
            where: `createIfAbsent with ${fault.kind}`,
            text: inspect(thrown, { depth: 12, showHidden: true }),
          });
        });
      }
    });

  test("come out nowhere: not in what was printed, not in a file, not in an object", async () => {
    const found = new Set<string>();
    const secrets = [...Object.values(PLANTED), ...Object.values(TEST_CREDENTIALS), ...signaturesOf(bucket)];
    if (kind === "versitygw") expect(secrets.length, "requests were signed").toBeGreaterThan(20);
    const look = ({ where, text }: Said): void => {
      for (const secret of secrets) if (text.includes(secret)) found.add(`${secret} in ${where}`);
      for (const form of FORMS) if (form.test(text)) found.add(`${form.exec(text)?.[0]} in ${where}`);
    };
    expect(said.length).toBeGreaterThan(20);
    for (const text of said) look(text);
    for (const file of readdirSync(site.cwd, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      look({ where: file.name, text: readFileSync(join(file.parentPath, file.name), "latin1") });
    }
    const store = await bucket.openDirectly("lake");
    const keys = await keysOf(store);
    expect(keys.length).toBeGreaterThan(20);
    for (const key of keys) {
      const bytes = await bytesOf(store, key);
      const content = key.endsWith(".zst") ? zstdDecompressSync(bytes) : bytes;
      look({ where: key, text: `${content.toString("latin1")}\n${await metadataOf(bucket, `lake/${key}`)}` });
    }
    await store[Symbol.asyncDispose]?.();
    expect([...found]).toEqual([]);
  });
});

/** What every request was signed with. */
function signaturesOf({ proxy }: Bucket): string[] {
  const signatures = proxy.requests.map(
    ({ headers }) => /Signature=([0-9a-f]+)/.exec(headers.authorization ?? "")?.[1],
  );
  return [...new Set(signatures.filter((signature) => signature !== undefined))];
}

/** What the server tells of an object beside its bytes, as text. */
async function metadataOf({ server }: Bucket, name: string): Promise<string> {
  if (server.service === "gcs") {
    return (await fetch(`${server.endpoint}/storage/v1/b/lake/o/${encodeURIComponent(name)}`)).text();
  }
  const client = s3ClientOf(server);
  try {
    const { $metadata: _, ...head } = await client.send(new HeadObjectCommand({ Bucket: "lake", Key: name }));
    return inspect(head, { depth: 5 });
  } finally {
    client.destroy();
  }
}

/** As a key file of a service account; nothing may look for it where the endpoint is this machine. */
function serviceAccount(): Readonly<Record<string, string>> {
  return {
    type: "service_account",
    project_id: "test",
    client_email: "planted@test.invalid",
    private_key: `-----BEGIN PRIVATE KEY-----\n${PLANTED.privateKey}\n-----END PRIVATE KEY-----\n`,
  };
}
