import type { RunEvent } from "@spacex-etl/contracts";
import { oneLine, type OutputStream, type Style, widthOf } from "../terminal/index.ts";
import type { Display } from "./display-port.ts";
import { noticeOf } from "./event-lines.ts";
import { renderFrame } from "./render-frame.ts";
import { abandon, applyEvent, createRunState } from "./run-state.ts";

const ESC = "\u001b[";
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;
/** Terminals that know it show the lines between the two at once; the others ignore it. */
const BEGIN_UPDATE = `${ESC}?2026h`;
const END_UPDATE = `${ESC}?2026l`;
const CLEAR_LINE_END = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

const FRAME_MS = 100;

/**
 * Rewrites a few lines in place, about ten times a second and only when one changed. Retries and warnings are written
 * above them and stay. Nothing is assumed about the rest of the screen.
 */
export function createLiveView(
  stderr: OutputStream,
  style: Style,
  now: () => number = () => performance.now(),
): Display {
  const state = createRunState();
  /** Lines on the screen, the cursor stands under the last one. */
  let shown: readonly string[] = [];
  let above = "";
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const columns = (): number => Math.max(20, stderr.columns ?? 80);
  const rows = (): number => Math.max(4, stderr.rows ?? 24);

  const draw = (): void => {
    const frame = renderFrame(state, now(), { columns: columns(), rows: rows() }, style);
    if (
      above === "" &&
      frame.length === shown.length &&
      frame.every((line, index) => line === shown[index])
    ) {
      return;
    }
    // After the terminal became narrower, lines that are on the screen may take more than one row each.
    const height = shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns())), 0);
    const up = height > 0 ? `\r${ESC}${height}A` : "\r";
    const body = frame.map((line) => `${line}${CLEAR_LINE_END}\n`).join("");
    stderr.write(`${BEGIN_UPDATE}${up}${above}${body}${CLEAR_BELOW}${END_UPDATE}`);
    above = "";
    shown = frame;
  };

  const start = (): void => {
    if (timer !== undefined || closed) return;
    stderr.write(HIDE_CURSOR);
    timer = setInterval(draw, FRAME_MS);
    // The display keeps no process alive.
    timer.unref();
    stderr.on?.("resize", draw);
  };

  const scroll = (line: string): void => {
    if (closed) {
      stderr.write(`${line}\n`);
      return;
    }
    above += `${line}${CLEAR_LINE_END}\n`;
    if (timer === undefined) draw();
  };

  return {
    onEvent(event: RunEvent) {
      if (closed) return;
      applyEvent(state, event, now());
      const notice = noticeOf(event);
      if (notice !== undefined) {
        const mark = notice.level === "warning" ? style.warn(`${style.marks.warning} `) : style.dim("  ");
        scroll(`${mark}${notice.level === "warning" ? notice.text : style.dim(notice.text)}`);
      }
      if (state.steps.length > 0) start();
    },
    note(message) {
      scroll(style.dim(oneLine(message)));
      if (timer !== undefined) draw();
    },
    close() {
      if (closed) return;
      abandon(state, now());
      draw();
      closed = true;
      if (timer === undefined) return;
      clearInterval(timer);
      stderr.off?.("resize", draw);
      stderr.write(SHOW_CURSOR);
    },
  };
}
