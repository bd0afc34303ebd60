import type { RunEvent } from "@spacex-etl/contracts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { events } from "../../test/fake-commands.ts";
import { createFakeTerminal, createRecorder, type FakeTerminal } from "../../test/fake-terminal.ts";
import { createStyle } from "../terminal/index.ts";
import { createDisplay, type Display, createLiveView, createPlainLines } from "./index.ts";

const style = createStyle({ colour: true, unicode: true });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function upTo(type: RunEvent["type"], from = 0): RunEvent[] {
  return events.slice(from, events.findIndex((event, index) => index >= from && event.type === type) + 1);
}

test("plain lines: one per event that matters, nothing of the terminal's", async () => {
  const stderr = createRecorder();
  const display = createPlainLines(stderr);
  for (const event of events) display.onEvent(event);
  display.close();
  await expect(stderr.text()).toMatchFileSnapshot("../../test/golden/plain-lines.txt");
});

test("plain lines: a long collection says now and then that it is alive", () => {
  const stderr = createRecorder();
  const display = createPlainLines(stderr);
  display.onEvent({ type: "collection.started", step: "extract", collection: "starlink" });
  for (let records = 1000; records <= 30_000; records += 1000) {
    vi.advanceTimersByTime(1000);
    display.onEvent({ type: "collection.progress", collection: "starlink", records, bytes: records });
  }
  expect(stderr.text()).toBe(
    "starlink: 10,000 records so far\nstarlink: 20,000 records so far\nstarlink: 30,000 records so far\n",
  );
});

test("live view: collections in flight with their rate, finished ones collapsed, the retry above", async () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const display = createLiveView(terminal, style);
  for (const event of upTo("collection.finished")) display.onEvent(event);
  vi.advanceTimersByTime(2000);
  for (const event of upTo("retry", 6)) display.onEvent(event);
  vi.advanceTimersByTime(100);
  await expect(terminal.screen().join("\n")).toMatchFileSnapshot("../../test/golden/live-view-extract.txt");
  expect(terminal.cursorVisible).toBe(false);
  display.close();
  expect(terminal.cursorVisible).toBe(true);
});

test("live view: at the end the steps stay on the screen, with what was said above them", async () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const display = createLiveView(terminal, style);
  for (const event of events) {
    display.onEvent(event);
    vi.advanceTimersByTime(150);
  }
  display.close();
  display.close();
  await expect(terminal.screen().join("\n")).toMatchFileSnapshot("../../test/golden/live-view-end.txt");
});

function manyInFlight(terminal: FakeTerminal): Display {
  const display = createLiveView(terminal, style);
  display.onEvent({ type: "run.started", runId: "r1", steps: ["extract", "load"] });
  const collections = Array.from({ length: 14 }, (_, index) => `collection-${index}`);
  display.onEvent({ type: "step.started", step: "extract", collections });
  for (const collection of collections) {
    display.onEvent({ type: "collection.started", step: "extract", collection });
    display.onEvent({ type: "collection.progress", collection, records: 5000, bytes: 1e6 });
  }
  vi.advanceTimersByTime(100);
  return display;
}

test("live view: is not higher than the terminal", () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 8 });
  const display = manyInFlight(terminal);
  expect(terminal.screen().length).toBeLessThanOrEqual(8);
  expect(terminal.screen().join("\n")).toContain("and 13 more");
  display.close();
});

test("live view: survives that the terminal becomes narrower", () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 40 });
  const display = manyInFlight(terminal);
  terminal.resize(30);
  vi.advanceTimersByTime(100);
  const screen = terminal.screen();
  expect(Math.max(...screen.map((line) => line.length))).toBeLessThan(30);
  for (const word of ["spacex-etl", "extract", "load", "more"]) {
    expect(screen.filter((line) => line.includes(word))).toHaveLength(1);
  }
  display.close();
});

test("live view: writes nothing when nothing changed", () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const display = createLiveView(terminal, style);
  display.onEvent({ type: "run.started", runId: "r1", steps: ["extract"] });
  vi.advanceTimersByTime(100);
  const before = terminal.text().length;
  vi.advanceTimersByTime(5000);
  expect(terminal.text().length).toBe(before);
  display.close();
});

test.each([
  ["a terminal", { TERM: "xterm" }, true, true],
  ["continuous integration", { TERM: "xterm", CI: "true" }, true, false],
  ["CI=false", { TERM: "xterm", CI: "false" }, true, true],
  ["a dumb terminal", { TERM: "dumb" }, true, false],
  ["a pipe", { TERM: "xterm" }, false, false],
])("%s", (_name, env, isTTY, live) => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const display = createDisplay(isTTY ? terminal : { write: (text) => terminal.write(text) }, env);
  display.onEvent({ type: "run.started", runId: "r1", steps: ["extract"] });
  vi.advanceTimersByTime(100);
  display.close();
  expect(terminal.text().includes("\u001b")).toBe(live);
});

test("NO_COLOR keeps the live view and takes the colour", () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const display = createDisplay(terminal, { TERM: "xterm", NO_COLOR: "1" });
  display.onEvent({ type: "run.started", runId: "r1", steps: ["extract"] });
  vi.advanceTimersByTime(100);
  display.close();
  // eslint-disable-next-line no-control-regex
  expect(terminal.text()).not.toMatch(/\u001b\[[\d;]*m/u);
  expect(terminal.text()).toContain("\u001b[?25l");
});
