import type { Options } from "tsup";

/** What every package's build has in common: ESM, source maps, no bundled declarations (tsc writes those, per file). */
export const base = {
  format: ["esm"],
  dts: false,
  sourcemap: true,
  clean: true,
  target: "node22",
  // `node:` stays: without it a bundler for browsers takes `fs` or `path` for packages of npm.
  removeNodeProtocol: false,
} satisfies Options;
