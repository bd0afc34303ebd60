#!/usr/bin/env node
import { readFileSync } from "node:fs";
import {
  doctor,
  extract,
  files,
  gc,
  load,
  normalize,
  plan,
  run,
  transform,
  verify,
} from "@spacex-etl/pipeline";
import { simulateCommand } from "@spacex-etl/spacex-simulator";
import { runProcess } from "./run-process.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};

void runProcess(
  {
    run,
    extract,
    normalize,
    load,
    transform,
    plan,
    verify,
    files,
    gc,
    doctor,
    simulate: simulateCommand,
  },
  { version },
);
