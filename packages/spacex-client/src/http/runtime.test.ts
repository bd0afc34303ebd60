import { afterEach, expect, test, vi } from "vitest";
import { isServer } from "./runtime.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each<[string, Readonly<Record<string, unknown>>, boolean]>([
  ["Node", {}, true],
  ["a page of jsdom or Electron", { document: {} }, false],
  ["a browser's worker", { process: undefined, navigator: { userAgent: "Mozilla/5.0" } }, false],
  ["a bundle with a process for the browser", { process: { env: {}, versions: {} } }, false],
  ["Cloudflare Workers", { process: undefined, navigator: { userAgent: "Cloudflare-Workers" } }, true],
  ["what nobody knows", { process: undefined, navigator: undefined }, false],
])("%s is known", (_, globals, expected) => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  const found = isServer();
  vi.unstubAllGlobals();
  expect(found).toBe(expected);
});
