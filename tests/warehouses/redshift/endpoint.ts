import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { Controls } from "./controls.ts";
import type { CopyWorld } from "./copy.ts";
import { asRedshift, errorFields } from "./errors.ts";
import { serve } from "./session.ts";
import { openUpstream, type Upstream } from "./upstream.ts";
import { fieldsMessage, fieldsOf, messageOf, readerOf, send, textsOf } from "./wire.ts";

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;
/** What a client may set; the rest of the startup parameters is Redshift's own, which PostgreSQL refuses. */
const PASSED_ON = ["user", "database", "application_name", "client_encoding"];

export interface EndpointWorld {
  readonly postgresPort: number;
  /** Passwords by user. */
  readonly users: ReadonlyMap<string, string>;
  readonly controls: Controls;
  readonly copy: CopyWorld;
}

/** The port that clients connect to, on 127.0.0.1. TLS is refused with N. */
export async function openEndpoint(world: EndpointWorld) {
  const clients = new Set<Socket>();
  const longNames = new Map<string, string>();
  let sessions = 0;
  const server = createServer({ noDelay: true }, (client) => {
    clients.add(client);
    client.on("error", () => undefined);
    client.once("close", () => clients.delete(client));
    void greet(client, world, longNames, () => ++sessions)
      // A session ends with its connection; what went wrong is said to the client where there is one.
      .catch(async (error: unknown) => {
        if (!client.destroyed)
          await send(client, fieldsMessage("E", { S: "FATAL", C: "XX000", M: `stand-in: ${String(error)}` }));
      })
      .finally(() => client.destroySoon());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async (): Promise<void> => {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

async function greet(
  client: Socket,
  world: EndpointWorld,
  longNames: Map<string, string>,
  nextSession: () => number,
): Promise<void> {
  const reader = readerOf(client);
  let startup = await reader.startup();
  while (startup !== undefined && [SSL_REQUEST, GSS_REQUEST].includes(startup.readInt32BE(0))) {
    await send(client, Buffer.from("N"));
    startup = await reader.startup();
  }
  if (startup === undefined) return;
  if (startup.readInt32BE(0) === CANCEL_REQUEST) return cancel(world.postgresPort, startup);
  const { texts } = textsOf(startup.subarray(4), 100);
  const asked = new Map<string, string>();
  for (let n = 0; n + 1 < texts.length; n += 2) asked.set(texts[n] ?? "", texts[n + 1] ?? "");
  await send(client, messageOf("R", Buffer.from([0, 0, 0, 3])));
  const answer = await reader.message();
  if (answer?.type !== "p") return;
  const user = asked.get("user") ?? "";
  const password = world.users.get(user);
  if (password === undefined || textsOf(answer.body, 1).texts[0] !== password) {
    const refused = errorFields("28000", `password authentication failed for user "${user}"`);
    await send(client, fieldsMessage("E", { ...refused, S: "FATAL" }));
    return;
  }
  const parameters = Object.fromEntries([...asked].filter(([name]) => PASSED_ON.includes(name)));
  const upstream = openUpstream(world.postgresPort, parameters);
  client.once("close", () => upstream.socket.destroy());
  upstream.socket.once("close", () => client.destroySoon());
  try {
    if (!(await logIn(client, upstream))) return;
    const copy = { ...world.copy, user };
    await serve({ id: nextSession(), client, reader, upstream, controls: world.controls, copy, longNames });
  } finally {
    upstream.socket.destroy();
  }
}

/** Passes on what PostgreSQL says of itself, with Redshift's version. */
async function logIn(client: Socket, upstream: Upstream): Promise<boolean> {
  for (;;) {
    const message = await upstream.next();
    if (message.type === "E") {
      await send(client, fieldsMessage("E", asRedshift(fieldsOf(message.body))));
      return false;
    }
    const [name] = textsOf(message.body, 1).texts;
    const isVersion = message.type === "S" && name === "server_version";
    await send(client, isVersion ? messageOf("S", "server_version\u00008.0.2\0") : message.raw);
    if (message.type === "Z") return true;
  }
}

function cancel(port: number, startup: Buffer): void {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  const length = Buffer.alloc(4);
  length.writeInt32BE(startup.length + 4);
  socket.end(Buffer.concat([length, startup]));
}
