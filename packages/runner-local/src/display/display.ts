import { type Environment, isSet, type OutputStream, styleFor } from "../terminal/index.ts";
import type { Display } from "./display-port.ts";
import { createLiveView } from "./live-view.ts";
import { createPlainLines } from "./plain-lines.ts";

/** A live view on a terminal that can show one, plain lines everywhere else. */
export function createDisplay(stderr: OutputStream, env: Environment): Display {
  const style = styleFor(stderr, env);
  const live = stderr.isTTY === true && env["TERM"] !== "dumb" && !isSet(env["CI"]);
  return live ? createLiveView(stderr, style) : createPlainLines(stderr);
}
