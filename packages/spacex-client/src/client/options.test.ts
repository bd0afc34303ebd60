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
  ["a bad header", { headers: { authorization: "secret\n1" } }, /headers has a name or value/],
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

test.each<[string, object, RegExp]>([
  ["a misspelt option", { baseURL: "https://host" }, /baseURL does not exist.*Did you mean baseUrl/],
  ["one that is nowhere near", { colour: 1 }, /colour does not exist.*Known are baseUrl, fetch/],
  ["one of a call", { signal: AbortSignal.timeout(1) }, /signal does not exist/],
  ["a misspelt retry", { retry: { retries: 1 } }, /retry\.retries does not exist.*limit/],
  ["a fetch that is none", { fetch: "fetch" }, /fetch is no function/],
  ["a hook that is none", { onEvent: {} }, /onEvent is no function/],
  ["a header of the client's own", { headers: { "Content-Type": "text/plain" } }, /headers has content-type/],
  ["credentials in a wrong address", { baseUrl: "ftp://me:secret@host" }, /no http/],
  ["nothing", null as never, /no object/],
])("%s is refused by name", (_, options, message) => {
  let problem: unknown;
  try {
    createSpaceXClient(options as SpaceXClientOptions);
  } catch (error) {
    problem = error;
  }
  expect(problem).toMatchObject({ kind: "usage", code: "CLIENT_OPTION" });
  const { message: text, hint } = problem as { readonly message: string; readonly hint: string };
  expect(`${text} ${hint}`).toMatch(message);
  expect(`${text} ${hint}`).not.toContain("secret");
});
