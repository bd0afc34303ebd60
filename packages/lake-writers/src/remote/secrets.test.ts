import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { plainCause, withoutSecrets } from "./index.ts";

afterEach(() => vi.unstubAllEnvs());

test("what looks like a credential, a token or a signature is masked, the rest stays", () => {
  const secret = "hunter2hunter2";
  const texts = [
    `GET https://b.s3.amazonaws.com/k?X-Amz-Signature=${secret}&X-Amz-Date=20261122 failed`,
    `X-Amz-Credential=${secret}%2F20261122&x=failed`,
    `x-amz-security-token: ${secret} failed`,
    `Authorization: Bearer ${secret} failed`,
    `authorization="AWS4-HMAC-SHA256 ${secret}" failed`,
    `https://user:${secret}@proxy.example:3128/ failed`,
    `{"access_token":"${secret}","why":"failed"}`,
    `{"client_secret": "${secret}", "why": "failed"}`,
    `AWS_SECRET_ACCESS_KEY=${secret} failed`,
  ];
  for (const text of texts) {
    expect(withoutSecrets(text), text).not.toContain(secret);
    expect(withoutSecrets(text), text).toContain("failed");
  }
  expect(withoutSecrets("key AKIAIOSFODNN7EXAMPLE here")).toBe("key *** here");
  expect(withoutSecrets("connect ECONNREFUSED 127.0.0.1:9000")).toBe("connect ECONNREFUSED 127.0.0.1:9000");
});

test("the secrets of the environment are masked wherever they stand", () => {
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "plain words even");
  vi.stubEnv("AWS_SESSION_TOKEN", "short");
  expect(withoutSecrets("got plain words even here, short")).toBe("got *** here, short");
});

test("a cause keeps facts and nothing of the request", () => {
  const error = Object.assign(new Error("Signature=abc"), {
    name: "Slow",
    $response: { headers: { a: "hidden" } },
  });
  const plain = plainCause(error, { status: 503, requestId: undefined });
  expect(plain).toMatchObject({ name: "Slow", message: "Signature=***", status: 503 });
  expect(plain).not.toHaveProperty("requestId");
  expect(inspect(plain, { showHidden: true, depth: 9 })).not.toContain("hidden");
});
