import { styleText } from "node:util";
import { type Environment, isSet, type OutputStream } from "./output-stream.ts";

export type Paint = (text: string) => string;

/** How text looks on one stream: colours, or none, and marks that its character set has. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly warn: Paint;
  readonly bad: Paint;
  readonly accent: Paint;
  readonly marks: Marks;
}

export interface Marks {
  readonly done: string;
  readonly failed: string;
  readonly skipped: string;
  readonly waiting: string;
  readonly warning: string;
  readonly separator: string;
  readonly more: string;
  readonly none: string;
  readonly spinner: readonly string[];
}

const UNICODE: Marks = {
  done: "✓",
  failed: "✗",
  skipped: "–",
  waiting: "·",
  warning: "!",
  separator: " · ",
  more: "…",
  none: "–",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
};

const ASCII: Marks = {
  done: "+",
  failed: "x",
  skipped: "-",
  waiting: ".",
  warning: "!",
  separator: ", ",
  more: "...",
  none: "-",
  spinner: ["|", "/", "-", "\\"],
};

/** Colour only on a terminal; `NO_COLOR` (no-color.org) and `FORCE_COLOR` are respected. */
export function styleFor(stream: OutputStream, env: Environment): Style {
  return createStyle({ colour: wantsColour(stream, env), unicode: hasUnicode(env) });
}

export function createStyle(options: { readonly colour: boolean; readonly unicode: boolean }): Style {
  const paint = (format: Parameters<typeof styleText>[0]): Paint =>
    options.colour ? (text) => styleText(format, text, { validateStream: false }) : (text) => text;
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    good: paint("green"),
    warn: paint("yellow"),
    bad: paint("red"),
    accent: paint("cyan"),
    marks: options.unicode ? UNICODE : ASCII,
  };
}

function wantsColour(stream: OutputStream, env: Environment): boolean {
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  if (env["FORCE_COLOR"] !== undefined) return isSet(env["FORCE_COLOR"]);
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/** Whoever sets no locale at all gets Unicode: pipes, containers and logs are UTF-8 today. */
function hasUnicode(env: Environment): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"];
  if (env["TERM"] === "linux") return false;
  return locale === undefined || locale === "" || /utf-?8/i.test(locale);
}
