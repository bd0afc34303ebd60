// Preloaded into a process: at its end, the files that it has loaded go to stderr, one per line.
import { registerHooks } from "node:module";
import { writeSync } from "node:fs";

const loaded = new Set<string>();
registerHooks({
  load(url, context, next) {
    loaded.add(url);
    return next(url, context);
  },
});
process.on("exit", () => {
  writeSync(2, `${[...loaded].join("\n")}\n`);
});
