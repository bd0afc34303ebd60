import { EtlError, toEtlError } from "@spacex-etl/contracts/errors";
import { expect, expectTypeOf, test } from "vitest";
import { sendText, startApi } from "../../test/api-server.ts";
import { problemOf } from "../../test/problem.ts";
import { createSpaceXClient, SpaceXRequestError } from "../index.ts";

const id = "5ebf1a6e23a9a60006e03a7a";

test("a failed request says which one it was and what came back", async () => {
  await using api = await startApi((response) =>
    sendText(response, 503, "maintenance", { "retry-after": "7" }),
  );
  const waits: number[] = [];
  const client = createSpaceXClient({
    baseUrl: api.url,
    headers: { authorization: "Bearer very-secret" },
    retry: { limit: 2, sleep: async (delayMs) => void waits.push(delayMs) },
  });
  const error: unknown = await problemOf(client.crew.get(id));
  expect(SpaceXRequestError.isInstance(error)).toBe(true);
  if (!SpaceXRequestError.isInstance(error)) return;
  expect(error).toMatchObject({
    name: "SpaceXRequestError",
    request: { method: "GET", url: `${api.url}/v4/crew/${id}` },
    status: 503,
    body: "maintenance",
    retryAfterMs: 7000,
    attempts: 3,
    retryable: true,
    kind: "source",
    code: "SOURCE_UNAVAILABLE",
    exitCode: 4,
  });
  expect(waits).toEqual([7000, 7000]);
  expect(`${error.stack} ${error.hint} ${JSON.stringify(error)}`).not.toContain("very-secret");
  expectTypeOf(error.status).toEqualTypeOf<number | undefined>();
  expectTypeOf(error.request.method).toEqualTypeOf<"GET" | "POST">();
});

test("it is an EtlError for everyone who knows no more", async () => {
  await using api = await startApi((response) => sendText(response, 404, "Not Found"));
  const error = await problemOf(createSpaceXClient({ baseUrl: api.url }).crew.get(id));
  expect(error).toBeInstanceOf(EtlError);
  expect(EtlError.isInstance(error)).toBe(true);
  expect(toEtlError(error)).toBe(error);
  expect(error).toMatchObject({ code: "NOT_FOUND", attempts: 1, body: "Not Found", retryable: false });
});

test("other errors of the client are none, whatever they look like", async () => {
  const problem = await problemOf(createSpaceXClient().crew.get("no id"));
  expect(problem.kind).toBe("usage");
  for (const other of [problem, new Error("x"), undefined, null, "x", { status: 404, request: {} }])
    expect(SpaceXRequestError.isInstance(other)).toBe(false);
  // As it comes from another installed copy of the package, which `instanceof` would not know.
  const foreign = Object.assign(new Error("x"), { [Symbol.for("spacex-etl.request-error")]: true });
  expect(SpaceXRequestError.isInstance(foreign)).toBe(true);
});

test("without an answer there is no status", async () => {
  const client = createSpaceXClient({
    baseUrl: "http://127.0.0.1:1",
    retry: { limit: 1, sleep: async () => undefined },
  });
  const error = await problemOf(client.crew.count());
  expect(error).toMatchObject({
    code: "SOURCE_UNREACHABLE",
    status: undefined,
    body: undefined,
    attempts: 2,
    request: { method: "POST", url: "http://127.0.0.1:1/v4/crew/query" },
  });
});
