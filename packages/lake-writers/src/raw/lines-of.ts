const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The lines of a stream of bytes, such as a file of NDJSON, for `recordsFrom`: each as its bytes, without the line
 * break (`\n` or `\r\n`). Empty lines are left out; the last line needs no break. A chunk may end anywhere, also inside
 * a character. Holds one line and one chunk at a time.
 *
 * @example recordsFrom("orders.ndjson", () => linesOf(createReadStream("orders.ndjson")))
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = lineOf([...pieces, chunk.subarray(start, end)]);
      pieces = [];
      start = end + 1;
      if (line.byteLength > 0) yield line;
    }
    // A copy: some sources fill the same buffer again.
    if (start < chunk.byteLength) pieces.push(Buffer.from(chunk.subarray(start)));
  }
  const last = lineOf(pieces);
  if (last.byteLength > 0) yield last;
}

function lineOf(pieces: readonly Uint8Array[]): Uint8Array {
  const line = Buffer.concat(pieces);
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
