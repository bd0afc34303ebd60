import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { vi } from "vitest";

/** Stands in the environment; services repeat it where a signature is wrong. */
export const SESSION_TOKEN = "planted-session-token";

export interface AwsAnswer {
  readonly status: number;
  /** XML as Redshift, or JSON as Redshift Serverless answers. */
  readonly body: string;
}

/** What the SDKs of AWS take for the APIs of Redshift, as long as it runs. */
export interface AwsApi extends AsyncDisposable {
  /** Undefined: no answer comes. */
  answer: (request: IncomingMessage, body: string) => AwsAnswer | undefined;
  /** Nobody listens there from now on. */
  leave(): Promise<void>;
}

/** Every variable by which the machine's own AWS could be reached is replaced. */
export async function startAwsApi(): Promise<AwsApi> {
  const api: AwsApi = {
    answer: () => ({ status: 500, body: "{}" }),
    leave: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await api.leave();
    },
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const said = api.answer(request, body);
      if (said === undefined) return;
      const type = said.body.startsWith("<") ? "text/xml" : "application/x-amz-json-1.1";
      response.writeHead(said.status, { "content-type": type }).end(said.body);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const environment = {
    AWS_ENDPOINT_URL_REDSHIFT: endpoint,
    AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS: endpoint,
    AWS_ACCESS_KEY_ID: "planted-key-id",
    AWS_SECRET_ACCESS_KEY: "planted-secret-key",
    AWS_SESSION_TOKEN: SESSION_TOKEN,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/nowhere/config",
    AWS_SHARED_CREDENTIALS_FILE: "/nowhere/credentials",
    AWS_PROFILE: undefined,
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
    AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return api;
}
