import type { OutputStream } from "../src/index.ts";

/** A stream that keeps what was written to it. */
export interface Recorder extends OutputStream {
  text(): string;
}

export function createRecorder(): Recorder {
  let written = "";
  return {
    write(text) {
      written += text;
    },
    text: () => written,
  };
}

/** A terminal that interprets what the live view sends, and fails on what it does not know. */
export interface FakeTerminal extends Recorder {
  /** The lines as they stand, scrolled-off ones included, without trailing blanks. */
  screen(): string[];
  readonly cursorVisible: boolean;
  resize(columns: number): void;
}

export function createFakeTerminal(size: { columns: number; rows: number }): FakeTerminal {
  const listeners = new Set<() => void>();
  const lines: string[] = [""];
  let written = "";
  let row = 0;
  let column = 0;
  let cursorVisible = true;
  let { columns } = size;

  const put = (character: string): void => {
    if (column === columns) newLine();
    const line = (lines[row] ?? "").padEnd(column);
    lines[row] = line.slice(0, column) + character + line.slice(column + 1);
    column++;
  };
  const newLine = (): void => {
    row++;
    column = 0;
    if (lines[row] === undefined) lines[row] = "";
  };
  const control = (parameter: string, code: string): void => {
    const count = Number(parameter || "1");
    if (code === "A") row = Math.max(0, row - count, lines.length - size.rows);
    else if (code === "K") lines[row] = (lines[row] ?? "").slice(0, column);
    else if (code === "J") {
      lines[row] = (lines[row] ?? "").slice(0, column);
      lines.length = row + 1;
    } else if (parameter === "?25" && code === "h") cursorVisible = true;
    else if (parameter === "?25" && code === "l") cursorVisible = false;
    else if (code !== "m" && parameter !== "?2026") throw new Error(`unknown sequence ${parameter}${code}`);
  };

  return {
    isTTY: true,
    get columns() {
      return columns;
    },
    rows: size.rows,
    get cursorVisible() {
      return cursorVisible;
    },
    write(text) {
      written += text;
      // eslint-disable-next-line no-control-regex
      for (const token of text.match(/\u001b\[([?\d;]*)([A-Za-z])|[^]/gu) ?? []) {
        // eslint-disable-next-line no-control-regex
        const sequence = /^\u001b\[([?\d;]*)([A-Za-z])$/u.exec(token);
        if (sequence !== null) control(sequence[1] ?? "", sequence[2] ?? "");
        else if (token === "\n") newLine();
        else if (token === "\r") column = 0;
        else if (token < " ") throw new Error(`unexpected control character ${JSON.stringify(token)}`);
        else put(token);
      }
    },
    text: () => written,
    screen: () => lines.map((line) => line.trimEnd()),
    on(_event, listener) {
      listeners.add(listener);
    },
    off(_event, listener) {
      listeners.delete(listener);
    },
    resize(to) {
      // As terminals do: lines that are now too long take several rows.
      const reflowed = lines.flatMap((line) => line.trimEnd().match(new RegExp(`.{1,${to}}`, "gu")) ?? [""]);
      row = reflowed.length - 1;
      column = 0;
      lines.splice(0, lines.length, ...reflowed);
      columns = to;
      for (const listener of listeners) listener();
    },
  };
}
