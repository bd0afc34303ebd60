import { FAKE_GCS, programOf } from "./pins.ts";
import { startServer } from "./server-process.ts";
import type { TestServer } from "./server.ts";

/**
 * fake-gcs-server: generations, preconditions and declared checksums are verified; no credentials. Everything lies in
 * memory.
 *
 * @param publicUrl Where clients reach it, if that is a proxy: the addresses of resumable uploads that it hands out begin
 * so. @default its own endpoint
 */
export async function startFakeGcs(options: { readonly publicUrl?: string } = {}): Promise<TestServer> {
  const { endpoint, log, close } = await startServer({
    name: FAKE_GCS.name,
    command: (port) => {
      const own = `http://127.0.0.1:${port}`;
      const place = ["-scheme", "http", "-host", "127.0.0.1", "-port", String(port)];
      const outside = ["-external-url", options.publicUrl ?? own, "-public-host", `127.0.0.1:${port}`];
      return { file: programOf(FAKE_GCS), args: [...place, ...outside, "-backend", "memory"] };
    },
    probe: "/storage/v1/b?project=test",
  });
  return {
    kind: "fake-gcs-server",
    service: "gcs",
    endpoint,
    env: {},
    lakeUrl: (bucket, prefix = "", through = endpoint) =>
      `gs://${bucket}/${prefix}?endpoint=${encodeURIComponent(through)}`,
    async makeBucket(bucket) {
      const response = await fetch(`${endpoint}/storage/v1/b?project=test`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: bucket }),
      });
      if (!response.ok) throw new Error(`Cannot make bucket ${bucket}: ${await response.text()}`);
    },
    log,
    close,
    [Symbol.asyncDispose]: close,
  };
}
