import { join } from "node:path";
import { type ObjectStore, openLake, readTables } from "@spacex-etl/lake-writers";
import { embeddedSnapshot, type Simulator, startSimulator } from "@spacex-etl/spacex-simulator";
import { type LoadRequest, requestOfRun } from "@spacex-etl/warehouse-loaders";
import { expect } from "vitest";
import { cliInProcess } from "../../harness/in-process.ts";
import { editSnapshot, readSnapshot } from "../../harness/snapshot.ts";
import { temporaryFolder } from "../../harness/workspace.ts";
import { bytesOf, keysOf } from "../../lakes/harness/lake.ts";

/** The real data in a lake, byte for byte the same in a folder and in buckets, so that even manifests are equal. */
export interface RealLake extends AsyncDisposable {
  /** Extracts and normalizes all collections as they are served now, and brings the run to every lake. */
  make(runId: string): Promise<void>;
  /** The load request of a run over the files of one lake; `undefined` for the folder. */
  request(runId: string, url?: string): Promise<LoadRequest>;
  /** Serves other data from now on: changed, added and removed records, and a change deep in an array. */
  edit(): Promise<void>;
}

/** @param urls Lakes beside the folder: `s3://…`, `gs://…`, as `LAKE_URL` has them. */
export async function openRealLake(urls: readonly string[]): Promise<RealLake> {
  const folder = temporaryFolder();
  const path = join(folder.path, "lake");
  const simulator: Simulator = await startSimulator({ data: await embeddedSnapshot() });
  const stores = new Map<string | undefined, ObjectStore>([[undefined, await openLake(path)]]);
  for (const url of urls) stores.set(url, await openLake(url));
  const [local, ...remote] = [...stores.values()] as [ObjectStore, ...ObjectStore[]];

  const brought = new Set<string>();

  return {
    async make(runId) {
      for (const step of ["extract", "normalize"]) {
        const args = [
          step,
          "--lake",
          path,
          "--run-id",
          runId,
          "--api",
          simulator.url,
          "--source",
          "simulated",
        ];
        const { code, output } = await cliInProcess(args, { cwd: folder.path });
        expect(code, output).toBe(0);
      }
      for (const key of await keysOf(local)) {
        if (brought.has(key)) continue;
        brought.add(key);
        for (const store of remote) await store.createIfAbsent(key, await bytesOf(local, key));
      }
    },
    async request(runId, url) {
      const store = stores.get(url);
      if (store === undefined) throw new Error(`No lake was opened at ${url}`);
      return requestOfRun(await readTables(store, runId), store);
    },
    async edit() {
      const { replaced } = editSnapshot(readSnapshot(await embeddedSnapshot()));
      for (const [name, records] of Object.entries(replaced)) simulator.replace(name, records);
    },
    async [Symbol.asyncDispose]() {
      for (const store of stores.values()) await store[Symbol.asyncDispose]?.();
      await simulator.close();
      folder[Symbol.dispose]();
    },
  };
}
