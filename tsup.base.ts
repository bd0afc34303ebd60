import type { Options } from "tsup";

/** What every package's build has in common: ESM, source maps, no bundled declarations. */
export const base = {
  format: ["esm"],
  dts: false,
  sourcemap: true,
  clean: true,
  target: "node22",
} satisfies Options;
