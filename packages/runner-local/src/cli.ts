#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { keepYoungGenerationSmall } from "./young-generation.ts";

// Before anything is loaded: loading alone makes it grow.
keepYoungGenerationSmall();

const [{ runProcess }, pipeline, { simulateCommand }] = await Promise.all([
  import("./run-process.ts"),
  import("@spacex-etl/pipeline"),
  import("@spacex-etl/spacex-simulator"),
]);
const { run, extract, normalize, load, transform, plan, verify, files, gc, doctor } = pipeline;

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};

await runProcess(
  { run, extract, normalize, load, transform, plan, verify, files, gc, doctor, simulate: simulateCommand },
  { version },
);
