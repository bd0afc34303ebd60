import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { venvProgram } from "../../scripts/bootstrap/paths.mjs";
import { MOTO_ENVIRONMENT, programOf, VERSITYGW } from "./pins.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { TEST_CREDENTIALS, TEST_REGION, type TestServer } from "./server.ts";

/**
 * moto: accepts wrong credentials and wrong checksums; preconditions hold under races. Everything lies in
 * memory.
 */
export async function startMoto(): Promise<TestServer> {
  const process = await startServer({
    name: "moto",
    command: (port) => ({
      file: venvProgram(MOTO_ENVIRONMENT.venv, "moto_server"),
      args: ["-H", "127.0.0.1", "-p", String(port)],
    }),
    probe: "/moto-api/",
  });
  return s3Server("moto", process);
}

/**
 * versitygw: signatures, preconditions and checksums are verified. Objects are files of a temporary folder, so `a` and
 * `a/b` cannot both be keys.
 */
export async function startVersitygw(): Promise<TestServer> {
  const process = await startServer({
    name: "versitygw",
    command: (port, folder) => {
      const data = join(folder, "data");
      mkdirSync(data);
      return {
        file: programOf(VERSITYGW),
        args: ["--port", `127.0.0.1:${port}`, "--region", TEST_REGION, "--health", "/health", "posix", data],
        env: {
          ROOT_ACCESS_KEY: TEST_CREDENTIALS.accessKeyId,
          ROOT_SECRET_KEY: TEST_CREDENTIALS.secretAccessKey,
        },
      };
    },
    probe: "/health",
  });
  return s3Server("versitygw", process);
}

/** A client of the SDK for a server, as an application would have its own. */
export function s3ClientOf({ endpoint }: Pick<TestServer, "endpoint">): S3Client {
  return new S3Client({
    endpoint,
    region: TEST_REGION,
    forcePathStyle: true,
    credentials: TEST_CREDENTIALS,
  });
}

function s3Server(kind: "moto" | "versitygw", { endpoint, log, close }: ServerProcess): TestServer {
  return {
    kind,
    service: "s3",
    endpoint,
    env: {
      AWS_ACCESS_KEY_ID: TEST_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: TEST_CREDENTIALS.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
    },
    lakeUrl: (bucket, prefix = "", through = endpoint) =>
      `s3://${bucket}/${prefix}?region=${TEST_REGION}&endpoint=${encodeURIComponent(through)}&pathStyle=true`,
    async makeBucket(bucket) {
      const client = s3ClientOf({ endpoint });
      try {
        await client.send(new CreateBucketCommand({ Bucket: bucket }));
      } finally {
        client.destroy();
      }
    },
    log,
    close,
    [Symbol.asyncDispose]: close,
  };
}
