import { connect, type Socket } from "node:net";
import { fieldsOf, type Fields, type Message, queryMessage, readerOf, send, startupMessage } from "./wire.ts";

/** The other side closed the connection. */
export class Gone extends Error {}

/** What a request ended with. */
export interface Ending {
  /** I: no transaction; T: in one; E: in one that is aborted. */
  readonly status: string;
  readonly error: Fields | undefined;
}

/** One session of the PostgreSQL behind the endpoint. */
export type Upstream = ReturnType<typeof openUpstream>;

export function openUpstream(port: number, parameters: Readonly<Record<string, string>>) {
  const socket: Socket = connect({ host: "127.0.0.1", port, noDelay: true });
  socket.on("error", () => undefined);
  const reader = readerOf(socket);
  void send(socket, startupMessage(parameters));
  let status = "I";

  const next = async (): Promise<Message> => {
    const message = await reader.message();
    if (message === undefined) throw new Gone("PostgreSQL closed the connection");
    return message;
  };
  /** Reads up to ReadyForQuery, which is not passed on. */
  const drain = async (onMessage?: (message: Message) => Promise<void> | void): Promise<Ending> => {
    let error: Fields | undefined;
    for (;;) {
      const message = await next();
      if (message.type === "Z") {
        status = message.body.toString("latin1", 0, 1);
        return { status, error };
      }
      if (message.type === "E") error ??= fieldsOf(message.body);
      await onMessage?.(message);
    }
  };
  const write = async (data: Buffer): Promise<void> => {
    if (!(await send(socket, data))) throw new Gone("PostgreSQL closed the connection");
  };
  /** Runs a statement of the endpoint's own; rows as texts. */
  const ask = async (
    sql: string,
  ): Promise<Ending & { readonly rows: readonly (readonly (string | null)[])[] }> => {
    const rows: (readonly (string | null)[])[] = [];
    await write(queryMessage(sql));
    const ending = await drain((message) => {
      if (message.type === "D") rows.push(valuesOf(message.body));
    });
    return { ...ending, rows };
  };
  return { socket, next, drain, write, ask, status: (): string => status };
}

function valuesOf(body: Buffer): readonly (string | null)[] {
  const values: (string | null)[] = [];
  let at = 2;
  for (let n = body.readInt16BE(0); n > 0; n--) {
    const length = body.readInt32BE(at);
    at += 4;
    values.push(length === -1 ? null : body.toString("utf8", at, at + length));
    at += Math.max(length, 0);
  }
  return values;
}

/** @param text Any text; PostgreSQL processes backslashes here, as Redshift does. */
export function literal(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
