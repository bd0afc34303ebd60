import type { Socket } from "node:net";

/** A message of PostgreSQL's protocol 3.0; `type` is one letter, `raw` the whole message. */
export interface Message {
  readonly type: string;
  readonly raw: Buffer;
  readonly body: Buffer;
}

/** Fields of ErrorResponse and NoticeResponse by their letters: S, C, M, D, H … */
export type Fields = Readonly<Record<string, string>>;

/** Longest message that is believed, in bytes. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Reads a socket piece by piece. */
export function readerOf(socket: Socket) {
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let pending: Buffer[] = [];
  let length = 0;
  const fill = async (wanted: number): Promise<boolean> => {
    while (length < wanted) {
      const { value, done } = await chunks.next().catch(() => ({ value: undefined, done: true }));
      if (done === true || value === undefined) return false;
      pending.push(value);
      length += value.length;
    }
    if (pending.length > 1) pending = [Buffer.concat(pending)];
    return true;
  };
  const bytes = async (count: number, keep = false): Promise<Buffer | undefined> => {
    if (!(await fill(count))) return undefined;
    const all = pending[0] ?? Buffer.alloc(0);
    if (!keep) {
      pending = [all.subarray(count)];
      length -= count;
    }
    return all.subarray(0, count);
  };
  /** Undefined when the other side is gone. */
  const message = async (): Promise<Message | undefined> => {
    const head = await bytes(5, true);
    if (head === undefined) return undefined;
    const size = head.readInt32BE(1) + 1;
    if (size < 5 || size > MOST_BYTES) return undefined;
    const raw = await bytes(size);
    return raw && { type: String.fromCharCode(raw[0] ?? 0), raw, body: raw.subarray(5) };
  };
  /** The first message of a client has no letter. */
  const startup = async (): Promise<Buffer | undefined> => {
    const head = await bytes(4, true);
    if (head === undefined) return undefined;
    const size = head.readInt32BE(0);
    if (size < 8 || size > 10_000) return undefined;
    return (await bytes(size))?.subarray(4);
  };
  return { message, startup };
}

export function messageOf(type: string, body: Buffer | string = ""): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

export function queryMessage(sql: string): Buffer {
  return messageOf("Q", `${sql}\0`);
}

export function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(
    `${Object.entries(parameters)
      .map(([name, value]) => `${name}\0${value}\0`)
      .join("")}\0`,
  );
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}

/** @param type E for an error, N for a notice. */
export function fieldsMessage(type: "E" | "N", fields: Fields): Buffer {
  const text = Object.entries(fields)
    .map(([letter, value]) => `${letter}${value}\0`)
    .join("");
  return messageOf(type, `${text}\0`);
}

export function fieldsOf(body: Buffer): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const part of body.toString().split("\0")) {
    const letter = part[0];
    if (letter !== undefined) fields[letter] = part.slice(1);
  }
  return fields;
}

/** The zero-ended texts at the start of a body. */
export function textsOf(
  body: Buffer,
  count: number,
): { readonly texts: readonly string[]; readonly end: number } {
  const texts: string[] = [];
  let at = 0;
  while (texts.length < count) {
    const end = body.indexOf(0, at);
    if (end === -1) break;
    texts.push(body.toString("utf8", at, end));
    at = end + 1;
  }
  return { texts, end: at };
}

/** Waits when the other side reads slowly; false when it is gone. */
export async function send(socket: Socket, data: Buffer): Promise<boolean> {
  if (socket.destroyed) return false;
  if (socket.write(data)) return true;
  return await new Promise<boolean>((resolve) => {
    const done = (): void => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve(!socket.destroyed);
    };
    socket.once("drain", done);
    socket.once("close", done);
  });
}
