import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { ROOT } from "../harness/cli.ts";
import { startCli } from "../harness/running.ts";
import { temporaryFolder } from "../harness/workspace.ts";

const DOOR = pathToFileURL(join(ROOT, "packages", "spacex-simulator", "src", "index.ts")).href;

/** A program that serves, asks once, and prints the packages that were loaded for it. */
function program(request: string): string {
  return `
    import { registerHooks } from "node:module";
    const loaded = new Set();
    registerHooks({
      resolve(specifier, context, next) {
        if (/^[a-z@]/.test(specifier) && !/^(node|file|data):/.test(specifier)) loaded.add(specifier);
        return next(specifier, context);
      },
    });
    const { startSimulator, embeddedSnapshot } = await import(${JSON.stringify(DOOR)});
    await using simulator = await startSimulator({ data: await embeddedSnapshot() });
    const json = { "content-type": "application/json" };
    const response = await ${request};
    await response.arrayBuffer();
    console.log(JSON.stringify({ status: response.status, loaded: [...loaded] }));
  `;
}

async function loadedFor(
  request: string,
): Promise<{ readonly status: number; readonly loaded: readonly string[] }> {
  const child = spawn(
    process.execPath,
    ["--conditions=@spacex-etl/source", "--input-type=module", "-e", program(request)],
    { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] },
  );
  let stdout = "";
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
  return JSON.parse(stdout) as Awaited<ReturnType<typeof loadedFor>>;
}

test.concurrent.each([
  ["a list", "fetch(simulator.url + '/v5/launches')"],
  [
    "a count",
    "fetch(simulator.url + '/v4/crew/query', { method: 'POST', headers: json, body: '{\"options\":{\"limit\":0}}' })",
  ],
])("%s is served without the query language, the schemas and their libraries", async (_what, request) => {
  const { status, loaded } = await loadedFor(request);
  expect(status).toBe(200);
  expect(loaded).toEqual(["@spacex-etl/contracts/errors"]);
});

test.concurrent("a filter loads them", async () => {
  const body = JSON.stringify({ query: { name: "x" } });
  const { status, loaded } = await loadedFor(
    `fetch(simulator.url + '/v4/crew/query', { method: 'POST', headers: json, body: ${JSON.stringify(body)} })`,
  );
  expect(status).toBe(200);
  expect(loaded).toContain("mingo");
});

test.concurrent("the command answers queries, populated ones too, and ends with 0 on SIGINT", async () => {
  using folder = temporaryFolder();
  const running = startCli(["simulate"], { cwd: folder.path, env: {} });
  let url = "";
  running.child.stdout?.on("data", (text: string) => (url += text));
  await running.says("Interrupt to stop");
  const response = await fetch(`${url.trim()}/v5/launches/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      query: { "crew.crew": "5ebf1a6e23a9a60006e03a7a" },
      options: { select: "name", populate: ["rocket", { path: "crew.crew", select: "name -_id" }] },
    }),
  });
  expect(await response.json()).toMatchObject({
    docs: [
      {
        name: "CCtCap Demo Mission 2",
        rocket: { name: "Falcon 9" },
        crew: expect.arrayContaining([{ crew: { name: "Robert Behnken" } }]),
      },
    ],
    totalDocs: 1,
  });
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(0);
});
