/**
 * What `nodeFetch` saves over Node's own `fetch` in a whole extraction, for answers as they are and for compressed ones.
 * Run it after `turbo run build`:
 *
 *   npm run workspace -- node --conditions=@spacex-etl/source bench/http.ts [records] [rounds]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  compare,
  type ComparisonResult,
  measureNode,
  type Measurement,
  startSyntheticApi,
} from "./harness/index.ts";

const side = (name: string): string => fileURLToPath(new URL(`sides/${name}`, import.meta.url));

export interface HttpOptions {
  /** @default 100000 */
  readonly records?: number;
  /** @default 5 */
  readonly rounds?: number;
}

export async function http({ records = 100_000, rounds = 5 }: HttpOptions = {}): Promise<ComparisonResult[]> {
  await using api = await startSyntheticApi(records);
  await using gateway = await startGateway(api.url, "/v5/launches");
  const results: ComparisonResult[] = [];
  for (const [answers, url] of [
    ["plain", api.url],
    ["compressed", gateway.url],
  ] as const) {
    results.push(
      await compare({
        what: `extract ${records.toLocaleString("en-US")} launches, ${answers} answers: nodeFetch against fetch`,
        ours: { name: "client on nodeFetch", run: () => extraction("node", url) },
        theirs: { name: "client on the built-in fetch", run: () => extraction("built-in", url) },
        rounds,
      }),
    );
  }
  return results;
}

async function extraction(kind: "node" | "built-in", url: string): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), "spacex-etl-http-"));
  try {
    return await measureNode([side("extract-with-fetch.mjs"), kind, url, "launches", join(folder, "lake")]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Gateway extends AsyncDisposable {
  readonly url: string;
}

async function startGateway(api: string, path: string): Promise<Gateway> {
  const child = spawn(process.execPath, [side("compressing-gateway.mjs"), api, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const [url] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    ended.then(() => Promise.reject(new Error("The gateway ended before it said its address."))),
  ])) as [string];
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [records, rounds] = process.argv.slice(2).map(Number);
  await http({ ...(records === undefined ? {} : { records }), ...(rounds === undefined ? {} : { rounds }) });
}
