import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sendJson, startApi } from "../../test/api-server.ts";
import { createSpaceXClient, type SpaceXClientOptions } from "../index.ts";

test.each<[string, SpaceXClientOptions, RegExp]>([
  ["no address", { baseUrl: "api.spacexdata.com" }, /no http/],
  ["another protocol", { baseUrl: "ftp://host" }, /no http/],
  ["a version", { baseUrl: "https://api.spacexdata.com/v4" }, /names a version/],
  ["a version and a slash", { baseUrl: "https://host/spacex/v5/" }, /names a version/],
  ["credentials", { baseUrl: "https://me:secret@host" }, /credentials/],
  ["a query", { baseUrl: "https://host/?key=secret" }, /query or fragment/],
  ["a timeout of zero", { timeout: 0 }, /timeout is 0/],
  ["a timeout beyond timers", { timeout: 2 ** 31 }, /timeout is/],
  ["half a retry", { retry: { limit: 0.5 } }, /retry.limit/],
  ["a negative wait", { retry: { baseDelayMs: -1 } }, /retry.baseDelayMs/],
  ["no number", { retry: { maxDelayMs: Number.NaN } }, /retry.maxDelayMs/],
  ["a bad header", { headers: { authorization: "secret\n1" } }, /a header/],
  ["a record limit of zero", { maxRecordBytes: 0 }, /maxRecordBytes/],
])("%s is refused before anything is sent", (_, options, message) => {
  expect(() => createSpaceXClient(options)).toThrow(
    expect.objectContaining({
      kind: "usage",
      code: "CLIENT_OPTION",
      message: expect.stringMatching(message) as string,
    }),
  );
  expect(() => createSpaceXClient(options)).not.toThrow(/secret/);
});

test("a path in front of the API and headers are kept", async () => {
  await using api = await startApi((response) => sendJson(response, []));
  const client = createSpaceXClient({
    baseUrl: `${api.url}/gateway/spacex/`,
    headers: { authorization: "Bearer x" },
  });
  await client.launches.list();
  expect(client.baseUrl).toBe(`${api.url}/gateway/spacex`);
  expect(api.requests[0]).toMatchObject({
    path: "/gateway/spacex/v5/launches",
    headers: { authorization: "Bearer x", accept: "application/json", "user-agent": "spacex-etl" },
  });
});

test("nothing of Node is imported, so that the client can run in a browser", () => {
  const root = new URL("../", import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );
  expect(files.length).toBeGreaterThan(20);
  for (const file of files)
    expect(readFileSync(new URL(file, root), "utf8"), file).not.toMatch(/from "node:/);
});
