import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import type { ObjectStore } from "../store/object-store.ts";
import { contentCases } from "./content-cases.ts";
import { raceCases } from "./race-cases.ts";
import { stoppingCases } from "./stopping-cases.ts";

/** The store under test. */
export interface ObjectStoreSuiteOptions {
  /** Stands in the names of the tests. */
  readonly name: string;
  /** An empty store; called once. */
  readonly open: () => Promise<{ readonly store: ObjectStore; cleanup(): Promise<void> }>;
  /** Size of the large object in bytes. @default 20 MiB */
  readonly largeBytes?: number | undefined;
  /** Objects under one prefix, so that a listing has more than one page. @default 2000 */
  readonly manyObjects?: number | undefined;
}

/** What a lake relies on, as tests: every driver of {@link ObjectStore} passes them against its real service. */
export function testObjectStore(options: ObjectStoreSuiteOptions): void {
  describe(`object store: ${options.name}`, () => {
    let store: ObjectStore;
    let cleanup: () => Promise<void>;
    let folder: string;

    beforeAll(async () => {
      ({ store, cleanup } = await options.open());
      folder = await mkdtemp(join(tmpdir(), "object-store-"));
    });
    afterAll(async () => {
      await cleanup?.();
      await rm(folder, { recursive: true, force: true });
    });

    const subject = {
      get store() {
        return store;
      },
      get folder() {
        return folder;
      },
      largeBytes: options.largeBytes ?? 20 * 1024 * 1024,
      manyObjects: options.manyObjects ?? 2000,
    };
    contentCases(subject);
    raceCases(subject);
    stoppingCases(subject);
  });
}
