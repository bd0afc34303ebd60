import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import type { Tarball } from "./tarballs.ts";

export interface Registry {
  /** For npm's `@spacex-etl:registry`. */
  readonly url: string;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * A registry on 127.0.0.1 that knows the tarballs and nothing else, read only: `GET /<name>` and the files. With it a
 * project asks for the packages by name and version, as it will when they are published, and npm finds by itself what
 * they depend on.
 */
export async function startRegistry(tarballs: readonly Tarball[]): Promise<Registry> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    const asked = tarballs.find(({ manifest }) => path === `/${manifest.name}`);
    const file = tarballs.find((tarball) => path === `/files/${basename(tarball.path)}`);
    if (asked !== undefined) {
      response.setHeader("content-type", "application/json");
      response.setHeader("cache-control", "no-store");
      response.end(JSON.stringify(packument(asked, `http://${request.headers.host}`)));
    } else if (file !== undefined) {
      response.setHeader("content-type", "application/octet-stream");
      response.setHeader("cache-control", "no-store");
      response.end(readFileSync(file.path));
    } else {
      response.statusCode = 404;
      response.end("{}");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
  };
}

function packument({ manifest, path, integrity }: Tarball, origin: string): unknown {
  const { name, version } = manifest;
  const dist = { tarball: `${origin}/files/${basename(path)}`, integrity };
  return {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
  };
}
