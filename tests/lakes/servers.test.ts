import { createHash } from "node:crypto";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { isGoodGo } from "../servers/go.ts";
import {
  installServers,
  s3ClientOf,
  startFakeGcs,
  startMoto,
  startVersitygw,
  TEST_CREDENTIALS,
  TEST_REGION,
} from "../servers/index.ts";

test("what is installed is used as it is, without a network", async () => {
  const said: string[] = [];
  await installServers((line) => said.push(line));
  expect(said).toEqual([]);
});

test.each([
  ["go1.26.8", true],
  ["go1.26", true],
  ["go2.0.1", true],
  ["go1.25.8", true],
  ["go1.25.7", false],
  ["go1.19.8", false],
  ["devel +0123", false],
])("%s builds the servers: %s", (version, good) => expect(isGoodGo(version)).toBe(good));

test.each([startMoto, startVersitygw, startFakeGcs])(
  "a server that is closed is gone (%o)",
  async (start) => {
    const server = await start();
    expect((await fetch(server.endpoint)).status).toBeLessThan(500);
    await server.close();
    await expect(fetch(server.endpoint)).rejects.toThrow();
  },
);

/** The suites rely on these servers to refuse what their services refuse. */
describe("strictness", () => {
  test("versitygw refuses a wrong secret and a wrong checksum, which moto takes", async () => {
    await using strict = await startVersitygw();
    await strict.makeBucket("lake");
    const at = { Bucket: "lake", Key: "a", Body: "text" };
    const stranger = new S3Client({
      endpoint: strict.endpoint,
      region: TEST_REGION,
      forcePathStyle: true,
      credentials: { ...TEST_CREDENTIALS, secretAccessKey: "another" },
    });
    await expect(stranger.send(new PutObjectCommand(at))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
    });
    const known = s3ClientOf(strict);
    const wrong = { ...at, ChecksumSHA256: Buffer.alloc(32, 1).toString("base64") };
    await expect(known.send(new PutObjectCommand(wrong))).rejects.toMatchObject({
      name: expect.stringMatching(/^(BadDigest|XAmzContentSHA256Mismatch)$/),
    });
    stranger.destroy();
    known.destroy();
  });

  test("fake-gcs-server refuses a wrong checksum and a second creation", async () => {
    await using server = await startFakeGcs();
    await server.makeBucket("lake");
    const insert = (hashed: string): Promise<Response> => {
      const md5 = createHash("md5").update(hashed).digest("base64");
      const metadata = JSON.stringify({ name: "a", md5Hash: md5 });
      const part = (type: string, text: string): string => `--x\r\ncontent-type: ${type}\r\n\r\n${text}\r\n`;
      return fetch(`${server.endpoint}/upload/storage/v1/b/lake/o?uploadType=multipart&ifGenerationMatch=0`, {
        method: "POST",
        headers: { "content-type": "multipart/related; boundary=x" },
        body: `${part("application/json", metadata)}${part("text/plain", "text")}--x--\r\n`,
      });
    };
    expect((await insert("another text")).status).toBe(400);
    expect([(await insert("text")).status, (await insert("text")).status]).toEqual([200, 412]);
  });
});
