import type { RunEvent } from "@spacex-etl/contracts";
import { type Environment, isSet, type OutputStream, styleFor } from "../terminal/index.ts";
import { createLiveView } from "./live-view.ts";
import { createPlainLines } from "./plain-lines.ts";

/** Shows the events of a run on stderr while it goes on. */
export interface Display {
  readonly onEvent: (event: RunEvent) => void;
  /** Shows a sentence that is no event of the run, at once. */
  note(message: string): void;
  /** Ends the display and gives the terminal back as it was. May be called twice. */
  close(): void;
}

/** A live view on a terminal that can show one, plain lines everywhere else. */
export function createDisplay(stderr: OutputStream, env: Environment): Display {
  const style = styleFor(stderr, env);
  const live = stderr.isTTY === true && env["TERM"] !== "dumb" && !isSet(env["CI"]);
  return live ? createLiveView(stderr, style) : createPlainLines(stderr);
}
