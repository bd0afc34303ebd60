import { expect, test } from "vitest";
import { configOf, errorOf } from "../../test/config-of.ts";

test("a lake in a bucket: all its parameters are kept, people see where it is", () => {
  const s3 = "s3://ada-lake/spacex/live/?region=eu-central-1&endpoint=http://127.0.0.1:7070&pathStyle=true";
  expect(configOf(`run --api live --lake ${s3}`).lake).toEqual({
    location: {
      kind: "s3",
      bucket: "ada-lake",
      prefix: "spacex/live",
      region: "eu-central-1",
      endpoint: "http://127.0.0.1:7070",
      pathStyle: true,
    },
    url: s3,
    display: "s3://ada-lake/spacex/live",
  });
  expect(configOf("run --api live", { LAKE_URL: " gs://ada-lake?userProject=ada-1 " }).lake).toEqual({
    location: { kind: "gs", bucket: "ada-lake", prefix: "", userProject: "ada-1" },
    url: "gs://ada-lake?userProject=ada-1",
    display: "gs://ada-lake",
  });
  expect(configOf("run --api live --lake s3://ada-lake --warehouse lake/w.duckdb").warehouse).toMatchObject({
    path: "/srv/ada/lake/w.duckdb",
  });
});

test("the embedded snapshot goes into a bucket only when it is named", () => {
  const refused = { code: "SETTINGS_CONTRADICT", message: expect.stringContaining("--api is not given") };
  expect(errorOf("run --lake s3://ada-lake/spacex")).toMatchObject(refused);
  expect(errorOf("plan", { LAKE_URL: "gs://ada-lake/spacex" })).toMatchObject(refused);
  expect(configOf("files crew --lake s3://ada-lake/spacex").source).toBe("embedded");
  expect(configOf("run --api embedded --lake s3://ada-lake/spacex").source).toBe("embedded");
});

test.each([
  ["--lake ftp://x", "LAKE_URL", "cannot be used: a lake's address cannot begin with ftp:", "s3://bucket"],
  ["--lake gcs://bucket/x", "LAKE_URL", '--lake "gcs://bucket/x" cannot be used', "gs://bucket/prefix"],
  ["--lake file://host/x", "LAKE_URL", "another host", "three slashes"],
  ["--lake s3://Ada/x", "LAKE_URL", '"Ada" is no name of an S3 bucket', "a–z"],
  ["--lake s3://ada-lake/x?regoin=x", "LAKE_URL", '"regoin"', "Did you mean region?"],
  ["--lake gs://ada-lake/x?region=x", "LAKE_URL", '"region"', "belongs to s3://"],
])("%s", (words, code, message, hint) => {
  const error = errorOf(words);
  expect(error).toMatchObject({ kind: "usage", exitCode: 2, code });
  expect(error.message).toContain(message);
  expect(error.hint).toContain(hint);
});

test.each([
  "s3://ada:hunter2@ada-lake/x",
  "s3://AKIAADA:abc/hunter2+x@ada-lake/x",
  "s3://ada-lake/x?secretAccessKey=hunter2",
  "s3://ada-lake/x?region=eu%20hunter2",
  "s3://ada-lake/x?endpoint=http%3A%2F%2Fada%3Ahunter2%40host",
  "gs://ada-lake/x?endpoint=http://ada:hunter2@host",
])("a secret in the address does not come back in the message: %s", (address) => {
  const error = errorOf(`run --lake ${address}`);
  expect(error.message).toContain("--lake");
  expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toContain("hunter2");
});
