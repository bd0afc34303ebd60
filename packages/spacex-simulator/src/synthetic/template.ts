/** Writes a value for the record at `index` and returns the offset after it. */
export type Slot = (target: Uint8Array, offset: number, index: number) => number;

/** A record whose bytes are ready but for its slots. */
export type Template = Slot;

/**
 * Serialises a record once, so that each further one costs a copy and a few patched places. Inside the value, a text
 * `@{name}` becomes what the slot of that name writes; a text that is only `@{#name}` is replaced with its quotes (for
 * numbers and lists), and `@{=1.0}` stands for exactly these characters.
 */
export function compileTemplate(value: unknown, slots: Readonly<Record<string, Slot>>): Template {
  const text = JSON.stringify(value).replaceAll(/"@\{=([^}]*)\}"/g, "$1");
  const pieces: Uint8Array[] = [];
  const writers: Slot[] = [];
  let position = 0;
  for (const match of text.matchAll(/"@\{#(\w+)\}"|@\{(\w+)\}/g)) {
    const name = match[1] ?? match[2] ?? "";
    const slot = slots[name];
    if (slot === undefined) throw new Error(`The template names a slot ${name} that does not exist`);
    pieces.push(Buffer.from(text.slice(position, match.index)));
    writers.push(slot);
    position = match.index + match[0].length;
  }
  const last = Buffer.from(text.slice(position));
  const count = writers.length;
  return (target, start, index) => {
    let offset = start;
    for (let slot = 0; slot < count; slot++) {
      const piece = pieces[slot] as Uint8Array;
      target.set(piece, offset);
      offset = (writers[slot] as Slot)(target, offset + piece.length, index);
    }
    target.set(last, offset);
    return offset + last.length;
  };
}
