import type { FlagDescription } from "@spacex-etl/pipeline/command-line";
import { type Style, wrap } from "../terminal/index.ts";

const WIDTH = 80;
const LEFT = 27;

/** Flags with their help beside them, in two columns of together 80 characters. */
export function flagLines(flags: readonly FlagDescription[], style: Style): string[] {
  return flags.flatMap((flag) => {
    const name = flag.kind === "switch" ? `--${flag.name}` : `--${flag.name} ${flag.placeholder}`;
    const standard = flag.default === undefined || flag.default === "0" ? "" : ` (default: ${flag.default})`;
    const text = wrap(flag.help + standard, WIDTH - LEFT - 1);
    const [first = "", ...rest] = text;
    const continued = rest.map((line) => " ".repeat(LEFT) + line);
    return name.length + 4 > LEFT
      ? [`  ${style.accent(name)}`, " ".repeat(LEFT) + first, ...continued]
      : [`  ${style.accent(name.padEnd(LEFT - 2))}${first}`, ...continued];
  });
}
