import { messageOf, type Message } from "./wire.ts";

/** Gives results their long names back: those of columns, and values that are a shortened name. */
export function withLongNames({ type, raw, body }: Message, longNames: ReadonlyMap<string, string>): Buffer {
  if (longNames.size === 0 || (type !== "T" && type !== "D")) return raw;
  const parts: Buffer[] = [body.subarray(0, 2)];
  const count = body.readInt16BE(0);
  let at = 2;
  for (let n = 0; n < count; n++) {
    if (type === "T") {
      const end = body.indexOf(0, at);
      const name = body.toString("utf8", at, end);
      parts.push(Buffer.from(`${longNames.get(name) ?? name}\0`), body.subarray(end + 1, end + 19));
      at = end + 19;
      continue;
    }
    const length = body.readInt32BE(at);
    const value = body.subarray(at + 4, at + 4 + Math.max(length, 0));
    const long = length > 0 && length < 64 ? longNames.get(value.toString()) : undefined;
    const shown = long === undefined ? value : Buffer.from(long);
    const head = Buffer.alloc(4);
    head.writeInt32BE(length === -1 ? -1 : shown.length);
    parts.push(head, shown);
    at += 4 + value.length;
  }
  return messageOf(type, Buffer.concat(parts));
}
