import { stripVTControlCharacters } from "node:util";

/** Text of others on one line: control sequences and line breaks would otherwise act on the terminal. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\s*[\r\n]+\s*/g, " ")
    .replace(/\p{Cc}/gu, "");
}

/** Characters that a text takes on the terminal, colours aside. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/**
 * Cuts a coloured line to a width. Colour codes have no width, and those after the cut are kept, so that every colour
 * that was begun also ends.
 */
export function fit(line: string, width: number, more = "…"): string {
  if (widthOf(line) <= width) return line;
  const room = Math.max(0, width - more.length);
  let used = 0;
  let result = "";
  // eslint-disable-next-line no-control-regex
  for (const token of line.match(/\u001b\[[0-9;]*m|./gsu) ?? []) {
    if (token.length > 1 && token.startsWith("\u001b")) {
      result += token;
    } else if (used < room) {
      result += token;
      used++;
    } else if (used === room) {
      result += more;
      used = Number.POSITIVE_INFINITY;
    }
  }
  return result;
}

/** Breaks a text at spaces; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return line === "" ? lines : [...lines, line];
}
