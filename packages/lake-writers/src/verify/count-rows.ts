import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnectionLike, TablePart } from "@spacex-etl/contracts";
import type { ObjectStore } from "../store/object-store.ts";
import { copyObject, verifyObject, workFolderError } from "../store/read.ts";
import { pool } from "../tables/pool.ts";
import { countParquet } from "../tables/sql.ts";

/** Counts rows of Parquet parts, until it is disposed of. */
export interface RowCounter extends AsyncDisposable {
  /** @throws EtlError of kind `integrity` if the bytes are not those of the entry */
  count(part: TablePart): Promise<number>;
}

/**
 * Counts with DuckDB, after the bytes were proven: in place where the store is on this machine, else in a copy that is
 * removed at once.
 */
export function rowCounter(
  store: ObjectStore,
  connection: DuckDBConnectionLike,
  options: { readonly workFolder?: string | undefined; readonly signal?: AbortSignal | undefined },
): RowCounter {
  const { signal } = options;
  const connections = pool([connection]);
  let folder: Promise<string> | undefined;

  async function countIn(file: string): Promise<number> {
    const counted = await connections.use((each) => each.runAndReadAll(countParquet(file)));
    return Number(counted.getRowObjectsJson()[0]?.["rows"]);
  }

  return {
    async count(part) {
      if (store.localPath !== undefined) {
        await verifyObject(store, part, signal);
        return countIn(store.localPath(part.path));
      }
      folder ??= mkdtemp(join(options.workFolder ?? tmpdir(), "verify-")).catch((error: unknown) => {
        throw workFolderError(error);
      });
      const copy = join(await folder, `${randomUUID()}.parquet`);
      try {
        await copyObject(store, part, copy, signal);
        return await countIn(copy);
      } finally {
        await rm(copy, { force: true }).catch(() => undefined);
      }
    },
    async [Symbol.asyncDispose]() {
      const made = await folder?.catch(() => undefined);
      if (made !== undefined) await rm(made, { recursive: true, force: true });
    },
  };
}
