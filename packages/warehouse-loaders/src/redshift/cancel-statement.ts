import { connect as connectSocket, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
/** Longest wait for each step, in milliseconds. */
const PATIENCE_MS = 2000;

/**
 * Asks the server to give up the running statement of a client of `pg`: a request on a connection of its own, which the
 * server closes; nobody waits for it. Encrypted where the client's connection is, because whoever reads it may cancel.
 */
export function cancelStatement(client: object): void {
  const { host, port, processID, secretKey, ssl } = client as Readonly<Record<string, unknown>>;
  if (typeof host !== "string" || typeof port !== "number") return;
  if (typeof processID !== "number" || typeof secretKey !== "number") return;
  const request = message(CANCEL_REQUEST, processID, secretKey);
  const socket = connectSocket({ host, port });
  guard(socket);
  if (ssl === undefined || ssl === false) {
    socket.end(request);
    return;
  }
  socket.write(message(SSL_REQUEST));
  socket.once("data", (answer) => {
    if (answer.toString("latin1") !== "S") return void socket.destroy();
    const options: ConnectionOptions = typeof ssl === "object" && ssl !== null ? ssl : {};
    const encrypted = connectTls({
      ...options,
      socket,
      ...(isIP(host) === 0 ? { servername: host } : { host }),
    });
    guard(encrypted);
    encrypted.once("secureConnect", () => encrypted.end(request));
  });
}

function guard(socket: Socket): void {
  socket.unref();
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  // The statement ends by itself, or by the connection's cut.
  socket.on("error", () => socket.destroy());
}

function message(...words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * (words.length + 1));
  [bytes.length, ...words].forEach((word, at) => bytes.writeInt32BE(word, 4 * at));
  return bytes;
}
