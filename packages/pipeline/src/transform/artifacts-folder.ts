import { access, constants, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { EtlError } from "@spacex-etl/contracts/errors";

/** Folders that dbt writes to, with absolute paths. */
export interface ArtifactsFolder {
  readonly target: string;
  readonly logs: string;
}

/**
 * Makes the folders for what dbt writes, where they are not there yet.
 *
 * @throws EtlError DBT_ARTIFACTS of kind `usage` if they cannot be made or written to.
 */
export async function makeArtifactsFolder(folder: string): Promise<ArtifactsFolder> {
  const folders = { target: join(folder, "target"), logs: join(folder, "logs") };
  try {
    for (const path of Object.values(folders)) {
      await mkdir(path, { recursive: true });
      await access(path, constants.W_OK);
    }
  } catch (cause) {
    throw new EtlError({
      kind: "usage",
      code: "DBT_ARTIFACTS",
      message: `dbt's artifacts and logs cannot be written to ${folder}: ${(cause as Error).message}`,
      hint: "The folder is beside a DuckDB file, for a service in the working directory: start the command in a folder that may be written to, or leave dbt out with --no-transform.",
      cause,
    });
  }
  return folders;
}
