import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createSecureContext, TLSSocket } from "node:tls";
import type { RedshiftLoaderOptions } from "@spacex-etl/warehouse-loaders/redshift";
import { redshiftLoader } from "@spacex-etl/warehouse-loaders/redshift";
import { Client } from "pg";
import { afterAll, expect, test } from "vitest";
import { freePort } from "../../servers/index.ts";
import { refusedWith, sharedScene } from "./redshift-scene.ts";

const scene = sharedScene();
const folder = mkdtempSync(join(tmpdir(), "redshift-tls-"));
const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
afterAll(async () => {
  for (const { server, sockets } of servers) {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  }
  rmSync(folder, { recursive: true, force: true });
});

async function check(change: Partial<RedshiftLoaderOptions>): Promise<void> {
  await using loader = redshiftLoader({ ...scene.target.options, ...change } as RedshiftLoaderOptions);
  await loader.check();
}

/** A server on a free port of this machine. */
async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

test("nobody listens, or nobody answers in time", async () => {
  const refused = await refusedWith(check({ port: await freePort() }), "WAREHOUSE_UNREACHABLE", 8);
  expect(refused.retryable).toBe(true);
  const silent = await listen(() => undefined);
  await refusedWith(check({ port: silent, connectTimeoutMs: 200 }), "WAREHOUSE_UNREACHABLE", 8);
});

test("a signal ends the wait for a connection", async () => {
  const controller = new AbortController();
  const silent = await listen(() => controller.abort());
  await using loader = redshiftLoader({ ...scene.target.options, port: silent } as RedshiftLoaderOptions);
  await refusedWith(loader.check({ signal: controller.signal }), "LOAD_ABORTED", 130);
  await refusedWith(loader.check({ signal: controller.signal }), "LOAD_ABORTED", 130);
});

test("a wrong password is refused and said nowhere; so are credentials that cannot be had", async () => {
  const wrong = await refusedWith(check({ password: "hush-hush" }), "WAREHOUSE_AUTH", 3);
  expect(JSON.stringify([wrong.message, wrong.hint, wrong.details, String(wrong.cause)])).not.toContain(
    "hush",
  );
  const failing = () => Promise.reject(new Error("no role"));
  const none = await refusedWith(check({ password: failing }), "WAREHOUSE_AUTH", 3);
  expect(none.cause).toMatchObject({ message: "no role" });
  await refusedWith(check({ password: () => "" }), "WAREHOUSE_AUTH", 3);
});

test("who gives credentials hears it when nobody waits for them any more", async () => {
  const signals: AbortSignal[] = [];
  const never = async ({ signal }: { readonly signal: AbortSignal }): Promise<never> => {
    signals.push(signal);
    return await new Promise(() => undefined);
  };
  const options = { user: undefined, password: undefined, credentials: never, connectTimeoutMs: 200 };
  await refusedWith(check(options as Partial<RedshiftLoaderOptions>), "WAREHOUSE_UNREACHABLE", 8);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});

test("a database that does not exist", async () => {
  const error = await refusedWith(check({ database: "nowhere" }), "WAREHOUSE_MISSING", 8);
  expect(error.retryable).toBe(false);
  expect(error.message).toContain("nowhere");
});

test("a server without TLS is not spoken to, unless that is said aloud", async () => {
  const error = await refusedWith(check({ ssl: undefined }), "WAREHOUSE_TLS", 8);
  expect(error.hint).toContain("disable");
  await refusedWith(check({ ssl: "require" }), "WAREHOUSE_TLS", 8);
  await check({ ssl: "disable" });
});

test("a certificate must be trusted and of the host; require believes anyone", async () => {
  const own = certificate("own", "/CN=localhost", "DNS:localhost");
  const other = certificate("other", "/CN=elsewhere.example.com", "DNS:elsewhere.example.com");
  const port = await tlsBefore(own);
  const error = await refusedWith(check({ host: "localhost", port, ssl: undefined }), "WAREHOUSE_TLS", 8);
  expect(error.hint).toMatch(/`ca`.*`require`/);
  await check({ host: "localhost", port, ssl: undefined, ca: own.cert });
  await refusedWith(check({ host: "localhost", port, ssl: undefined, ca: other.cert }), "WAREHOUSE_TLS", 8);
  await check({ host: "localhost", port, ssl: "require" });
  const impostor = await tlsBefore(other);
  await refusedWith(
    check({ host: "localhost", port: impostor, ssl: undefined, ca: other.cert }),
    "WAREHOUSE_TLS",
    8,
  );
});

test("a cancel goes over TLS where the connection does", async () => {
  const own = certificate("cancel", "/CN=localhost", "DNS:localhost");
  const requests: Buffer[] = [];
  const port = await tlsBefore(own, (first) => void requests.push(first));
  const lock = new Client(scene.targets.redshift.connection);
  await lock.connect();
  try {
    await lock.query(`CREATE SCHEMA "${scene.target.schema}"`);
    await lock.query("BEGIN");
    await lock.query("LOCK TABLE pg_namespace");
    const controller = new AbortController();
    const options = { host: "localhost", port, ssl: undefined, ca: own.cert };
    await using loader = redshiftLoader({ ...scene.target.options, ...options } as RedshiftLoaderOptions);
    const stopped = refusedWith(loader.check({ signal: controller.signal }), "LOAD_ABORTED", 130);
    const waits = () =>
      scene.targets.redshift
        .statements()
        .some(({ sql, outcome }) => sql.includes("pg_namespace") && outcome === "running");
    for (let turn = 0; turn < 500 && !waits(); turn += 1) await sleep(20);
    controller.abort();
    await stopped;
  } finally {
    await lock.end();
  }
  const isCancel = (request: Buffer) => request.length === 16 && request.readInt32BE(4) === 80_877_102;
  expect(requests.filter(isCancel)).toHaveLength(1);
});

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Signed by itself; by openssl, which every machine of ours has. */
function certificate(name: string, subject: string, names: string): Certificate {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"].concat(
      ["-keyout", key, "-out", cert, "-days", "2", "-subj", subject],
      ["-addext", `subjectAltName=${names}`],
    ),
    { stdio: "ignore" },
  );
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

/** Speaks TLS, as Redshift does after an SSLRequest, and passes on to the stand-in what is inside. */
async function tlsBefore(
  certificate: Certificate,
  onFirst: (inside: Buffer) => void = () => undefined,
): Promise<number> {
  const { host, port } = scene.targets.redshift.connection;
  const secureContext = createSecureContext(certificate);
  return await listen((socket) => {
    socket.once("data", () => {
      socket.write("S");
      const inside = new TLSSocket(socket, { isServer: true, secureContext });
      const standIn = connect({ host, port });
      for (const each of [inside, standIn]) each.on("error", () => undefined);
      inside.once("data", onFirst);
      inside.pipe(standIn).pipe(inside);
      inside.on("close", () => standIn.destroy());
      standIn.on("close", () => inside.destroy());
    });
  });
}
