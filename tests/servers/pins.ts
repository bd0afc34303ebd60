import { join } from "node:path";
import { tools } from "../../scripts/bootstrap/paths.mjs";

/** Everything that this folder installs; git-ignored, may be deleted at any time. */
export const SERVERS = join(tools, "servers");

/** A server that is built from its Go module. */
export interface GoServer {
  readonly name: string;
  readonly version: string;
  /** The package of its command. */
  readonly path: string;
}

export const VERSITYGW: GoServer = {
  name: "versitygw",
  version: "v1.7.0",
  path: "github.com/versity/versitygw/cmd/versitygw",
};

/** Older ones than 1.55.1 do not check the checksums that a client declares. */
export const FAKE_GCS: GoServer = {
  name: "fake-gcs-server",
  version: "v1.55.1",
  path: "github.com/fsouza/fake-gcs-server",
};

/** The oldest Go that builds all of them. */
export const OLDEST_GO = [1, 25, 8] as const;

/** moto's environment for Python; its version and those of all that it needs are in the lock file. */
export const MOTO_ENVIRONMENT = {
  venv: join(SERVERS, "moto"),
  requirements: "tests/servers/moto.lock",
  name: "moto, the S3 server of the tests",
};

/** The Go toolchain as a Python package, for machines without one. Relative to the clone. */
export const GO_REQUIREMENTS = "tests/servers/go.lock";

/** The file name says what it is, so it needs no stamp: it is renamed into place when it is whole. */
export function programOf({ name, version }: GoServer): string {
  return join(SERVERS, "bin", `${name}-${version}`);
}
