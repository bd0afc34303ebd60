import { expect, test } from "vitest";
import { problemOf } from "../../test/problem.ts";
import { createSpaceXClient } from "../index.ts";

test("a fetch of one's own that answers something else is named", async () => {
  const fetch = (async () => ({ data: [] })) as unknown as typeof globalThis.fetch;
  expect(await problemOf(createSpaceXClient({ fetch }).crew.list())).toMatchObject({
    kind: "usage",
    code: "CLIENT_OPTION",
  });
});

test("a fetch of one's own is used for every attempt", async () => {
  const paths: string[] = [];
  const answers = [
    new TypeError("offline"),
    new Response("[]", { headers: { "content-type": "application/json" } }),
  ];
  const client = createSpaceXClient({
    retry: { sleep: async () => undefined },
    headers: { "x-trace": "7" },
    fetch: async (input) => {
      const request = input as Request;
      paths.push(`${request.method} ${request.url} ${request.headers.get("x-trace")}`);
      const answer = answers.shift();
      if (answer instanceof Response) return answer;
      throw answer;
    },
  });
  expect(await client.crew.list()).toEqual([]);
  expect(paths).toEqual([
    "GET https://api.spacexdata.com/v4/crew 7",
    "GET https://api.spacexdata.com/v4/crew 7",
  ]);
});
