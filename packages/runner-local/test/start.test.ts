import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
const listLoaded = new URL("list-loaded.ts", import.meta.url).href;

/** What is large, and needed only by those who move data. */
const LARGE = /\/node_modules\/(zod|ky|mingo|@duckdb)\/|\/(lake-writers|warehouse-loaders|spacex-client)\//;

async function loadedBy(...args: readonly string[]): Promise<readonly string[]> {
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@spacex-etl/source", `--import=${listLoaded}`, cli, ...args],
    // A bucket of Google is then refused as soon as it is opened.
    { env: { ...process.env, STORAGE_EMULATOR_HOST: "http://127.0.0.1:9" } },
  ).catch((error: { readonly stderr: string }) => error);
  return stderr.split("\n").filter((url) => url.startsWith("file:"));
}

test.each(["help", "--version", "help run", "help environment"])(
  "%s loads nothing that moves data",
  async (words) => {
    const loaded = await loadedBy(...words.split(" "));
    expect(loaded.some((url) => url.endsWith("/command-line/flags.ts"))).toBe(true);
    expect(loaded.filter((url) => LARGE.test(url))).toEqual([]);
  },
);

/** SDKs of clouds: some hundred files each. */
const SDKS = /\/node_modules\/(@aws-sdk|@smithy|@google-cloud)\//;

test("a command that reads only the lake loads no DuckDB and no simulator", async () => {
  const loaded = await loadedBy(
    "gc",
    "--dry-run",
    "--lake",
    fileURLToPath(new URL("no-lake", import.meta.url)),
  );
  expect(loaded.some((url) => url.includes("/lake-writers/"))).toBe(true);
  expect(loaded.filter((url) => /@duckdb|mingo|\/spacex-simulator\//.test(url))).toEqual([]);
  expect(loaded.filter((url) => SDKS.test(url))).toEqual([]);
});

test("of the SDKs only that of the lake's own cloud is loaded", async () => {
  const loaded = await loadedBy("files", "crew", "--lake", "gs://ada-lake/spacex");
  expect(loaded.some((url) => url.includes("/node_modules/@google-cloud/storage/"))).toBe(true);
  expect(loaded.filter((url) => /@aws-sdk|@smithy/.test(url))).toEqual([]);
});
