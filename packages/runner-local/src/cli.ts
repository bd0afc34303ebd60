#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { nodeProblem } from "./required-node.ts";
import { runProcess } from "./run-process.ts";
import { boundYoungGeneration } from "./young-generation.ts";

const { version, engines } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
) as {
  readonly version: string;
  readonly engines: { readonly node: string };
};
const problem = nodeProblem(process.versions.node, engines.node);
if (problem !== undefined) {
  process.stderr.write(problem);
  process.exit(2);
}

// Before anything large is loaded: loading alone makes it grow.
boundYoungGeneration();

const pipeline = () => import("@spacex-etl/pipeline");

// A command loads what it needs when it is asked for; `help` and `--version` need none of it.
await runProcess(
  {
    run: async (config, io) => (await pipeline()).run(config, io),
    extract: async (config, io) => (await pipeline()).extract(config, io),
    normalize: async (config, io) => (await pipeline()).normalize(config, io),
    load: async (config, io) => (await pipeline()).load(config, io),
    transform: async (config, io) => (await pipeline()).transform(config, io),
    plan: async (config, io) => (await pipeline()).plan(config, io),
    verify: async (config, io) => (await pipeline()).verify(config, io),
    files: async (config, io) => (await pipeline()).files(config, io),
    gc: async (config, io) => (await pipeline()).gc(config, io),
    doctor: async (config, io) => (await pipeline()).doctor(config, io),
    simulate: async (argv, io) => (await import("@spacex-etl/spacex-simulator")).simulateCommand(argv, io),
    record: async (argv, io) => (await import("@spacex-etl/spacex-simulator")).recordCommand(argv, io),
  },
  { version },
);
