import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildWorkspace, packAll, type Tarball } from "./tarballs.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Every public package, packed. */
    readonly tarballs: readonly Tarball[];
  }
}

/** Builds and packs once for all files of the suite. */
export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "spacex-etl-tarballs-"));
  await buildWorkspace();
  project.provide("tarballs", await packAll(join(folder, "packed")));
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
