import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { EtlError } from "@spacex-etl/contracts";
import { expect, test } from "vitest";
import { type LakeLocation, parseLakeUrl } from "./index.ts";

const cwd = resolve("/data");

/** Message and hint of the refusal. */
function refusal(text: string): string {
  try {
    const parsed = parseLakeUrl(text, { cwd });
    return `taken for ${JSON.stringify(parsed)}`;
  } catch (error) {
    if (!EtlError.isInstance(error)) throw error;
    expect(error).toMatchObject({ kind: "usage", exitCode: 2, code: "LAKE_URL" });
    return `${error.message} ${error.hint}`;
  }
}

test("a path or a file: URL is a folder", () => {
  const lake = { kind: "file", directory: join(cwd, "lake") };
  for (const text of ["lake", "./lake", "lake/", join(cwd, "lake"), "file:lake"])
    expect(parseLakeUrl(text, { cwd }), text).toEqual(lake);
  expect(parseLakeUrl(pathToFileURL(join(cwd, "a lake#1")).href)).toEqual({
    kind: "file",
    directory: join(cwd, "a lake#1"),
  });
  expect(parseLakeUrl("file:a%20lake", { cwd })).toEqual({ kind: "file", directory: join(cwd, "a lake") });
  expect(parseLakeUrl("lake").kind).toBe("file");
  for (const text of ["", "  "]) expect(refusal(text)).toContain("empty");
  expect(refusal("a\0b")).toContain("NUL");
  expect(refusal("file:")).toContain("no folder");
  expect(refusal("file://host/lake")).toContain("three slashes");
  expect(refusal("file:///lake?x=1")).toContain("no parameters");
});

test("s3:// and gs:// name a bucket, a prefix and what else is to be known", () => {
  const parsed: [string, LakeLocation][] = [
    ["s3://my-bucket", { kind: "s3", bucket: "my-bucket", prefix: "" }],
    ["S3://my-bucket/", { kind: "s3", bucket: "my-bucket", prefix: "" }],
    ["s3://my.bucket/a/b%20c/", { kind: "s3", bucket: "my.bucket", prefix: "a/b c" }],
    [
      "s3://lake/x?region=eu-central-1&endpoint=http://127.0.0.1:9000/&pathStyle=true&kmsKey=arn:aws:kms:eu-central-1:123456789012:key/ab-1&storageClass=STANDARD_IA&expectedBucketOwner=123456789012&requesterPays=false",
      {
        kind: "s3",
        bucket: "lake",
        prefix: "x",
        region: "eu-central-1",
        endpoint: "http://127.0.0.1:9000",
        pathStyle: true,
        kmsKey: "arn:aws:kms:eu-central-1:123456789012:key/ab-1",
        storageClass: "STANDARD_IA",
        expectedBucketOwner: "123456789012",
        requesterPays: false,
      },
    ],
    ["s3://point-abc123-s3alias/x", { kind: "s3", bucket: "point-abc123-s3alias", prefix: "x" }],
    ["gs://my_bucket.example.com/a", { kind: "gs", bucket: "my_bucket.example.com", prefix: "a" }],
    [
      "gs://lake/x?endpoint=http%3A%2F%2Flocalhost%3A4443&kmsKey=projects/p/locations/eu/keyRings/r/cryptoKeys/k&storageClass=NEARLINE&userProject=payer-1",
      {
        kind: "gs",
        bucket: "lake",
        prefix: "x",
        endpoint: "http://localhost:4443",
        kmsKey: "projects/p/locations/eu/keyRings/r/cryptoKeys/k",
        storageClass: "NEARLINE",
        userProject: "payer-1",
      },
    ],
  ];
  for (const [text, location] of parsed) expect(parseLakeUrl(text), text).toEqual(location);
});

test("a name that the service would refuse is refused with the reason", () => {
  const long = "a".repeat(64);
  const refused: [string, string][] = [
    ["s3://", "names no bucket"],
    ["s3:bucket/x", "names no bucket"],
    ["s3:///x", "names no bucket"],
    ["s3://ab", "2 characters"],
    [`s3://${long}`, "64 characters"],
    ["s3://Bucket", "other characters"],
    ["s3://my_bucket", "other characters"],
    ["s3://-bucket", "begins or ends"],
    ["s3://bucket./x", "begins or ends"],
    ["s3://a..b", "two periods"],
    ["s3://192.168.5.4/x", "IP address"],
    ["s3://xn--bucket", "reserved"],
    ["s3://lake--euc1-az1--x-s3", "directory bucket"],
    ["s3://alias--ol-s3", "Object Lambda"],
    ["gs://ab", "2 characters"],
    [`gs://${long}`, "64 characters"],
    [`gs://a.${long}`, "between periods"],
    ["gs://Bucket", "other characters"],
    ["gs://bucket_", "begins or ends"],
    ["gs://a..b", "between periods"],
    ["gs://10.0.0.1", "IP address"],
    ["gs://goog-lake", "reserved"],
    ["gs://my-g00gle-lake", "reserved"],
    ["s3://bucket:9000/x", "no port"],
    ["gs://bucket/x#y", "no fragment"],
  ];
  for (const [text, reason] of refused) expect(refusal(text), text).toContain(reason);
});

test("a prefix stays in its place and is no pattern", () => {
  for (const prefix of ["a/../b", "..", "a/./b", "a/%2e%2E/b", "%2e"])
    expect(refusal(`s3://bucket/${prefix}`), prefix).toContain(". or ..");
  expect(refusal("gs://bucket/a//b")).toContain("empty name");
  expect(refusal("gs://bucket/a%00b")).toContain("control character");
  expect(refusal("gs://bucket/a%zz")).toContain("%");
  expect(refusal("gs://bucket/a*")).toContain("holds *");
  expect(refusal("gs://bucket/a%3Fb")).toContain("holds ?");
  expect(refusal(`gs://bucket/${"ä".repeat(300)}`)).toContain("512 bytes");
});

test("a parameter that is unknown, repeated, empty or wrong is named", () => {
  const refused: [string, string][] = [
    ["s3://bucket?regoin=x", "Did you mean region?"],
    ["s3://bucket?path_style=true", "Did you mean pathStyle?"],
    ["gs://bucket?region=eu-central-1", "It belongs to s3://"],
    ["s3://bucket?userProject=p", "It belongs to gs://"],
    ["s3://bucket?zzzzzzzzzzz=1", "There are region, endpoint"],
    ["s3://bucket?region=a-1&region=b-1", "region is there twice"],
    ["s3://bucket?region=", "region has no value"],
    ["s3://bucket?region=EU Central", "region must be"],
    ["s3://bucket?pathStyle=yes", "pathStyle must be one of true, false"],
    ["s3://bucket?expectedBucketOwner=12", "twelve digits"],
    ["s3://bucket?storageClass=GLACIER", "cannot be read until they are restored"],
    ["s3://bucket?storageClass=standard", "storage class like"],
    ["gs://bucket?storageClass=nearlin", "Did you mean NEARLINE?"],
    ["gs://bucket?kmsKey=my-key", "projects/P/locations"],
    ["gs://bucket?endpoint=localhost:4443", "http or https"],
    ["gs://bucket?endpoint=http://localhost:4443/%3Fx=1?y=2", "query"],
    ["gs://bucket?endpoint=http://localhost:4443/base", "has a path"],
    ["s3a://bucket/x", "Write s3://"],
    ["gcs://bucket/x", "Write gs://"],
    ["https://bucket.s3.amazonaws.com/x", "s3://bucket/prefix"],
    ["azure://bucket", "azure:"],
  ];
  for (const [text, reason] of refused) expect(refusal(text), text).toContain(reason);
});

test("no refusal repeats what may be a secret", () => {
  const secret = "hunter2secret";
  for (const text of [
    `s3://AKIA:${secret}@bucket/x`,
    `gs://${secret}@bucket`,
    `s3://bucket?secretAccessKey=${secret}`,
    `s3://bucket?sessionToken=${secret}`,
    `s3://bucket?X-Amz-Signature=${secret}`,
    `s3://bucket?endpoint=http://user:${secret}@127.0.0.1`,
    `https://user:${secret}@storage.example/bucket`,
    `s3://bucket?region=${secret.toUpperCase()}`,
  ]) {
    expect(refusal(text), text).not.toMatch(new RegExp(secret, "i"));
    expect(refusal(text)).not.toContain("taken for");
  }
});

test.each(["s3://bucket/lake?TOKEN", "gs://bucket/lake?TOKEN==", "s3://bucket/lake?region=eu-west-1&TOKEN="])(
  "%s: what may be a secret is not repeated",
  (address) => {
    expect(() => parseLakeUrl(address)).toThrow(
      expect.objectContaining({
        code: "LAKE_URL",
        message: expect.stringContaining("name=value"),
        hint: expect.not.stringContaining("TOKEN"),
      }),
    );
    expect(() => parseLakeUrl(address)).not.toThrow(/TOKEN/);
  },
);
