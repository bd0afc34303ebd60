import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineTables, EtlError } from "@spacex-etl/contracts";
import { type LoadContext, type LoadReport, type LoadRequest, loadRun } from "@spacex-etl/warehouse-loaders";
import { type RedshiftLoaderOptions, redshiftLoader } from "@spacex-etl/warehouse-loaders/redshift";
import { requestOf, TestLake } from "@spacex-etl/warehouse-loaders/testing";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { z } from "zod";
import type { RedshiftTarget } from "./open-redshift-target.ts";
import { type RedshiftTargets, startRedshiftTargets } from "./redshift-target.ts";

/** What the tests of a file share: one stand-in, one lake, and for each test a schema of its own. */
export interface RedshiftScene {
  readonly targets: RedshiftTargets;
  readonly lake: TestLake;
  readonly target: RedshiftTarget;
  /** A whole load into the test's schema by a loader of its own. */
  load(
    request: LoadRequest,
    context?: LoadContext,
    change?: Partial<RedshiftLoaderOptions>,
  ): Promise<LoadReport>;
  /** Statements of the last load, without those of other schemas and the loader's own reading before it. */
  statements(): readonly string[];
}

/** Starts and ends what the tests share; to be called once in a file. */
export function sharedScene(options: Parameters<typeof startRedshiftTargets>[0] = undefined): RedshiftScene {
  let targets: RedshiftTargets;
  let lake: TestLake;
  let target: RedshiftTarget;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "redshift-scene-"));
    targets = await startRedshiftTargets(options);
    const publisher = targets.open();
    lake = await TestLake.open(folder, (path, name) => publisher.publish(path, name));
  });
  afterAll(async () => {
    await lake?.[Symbol.asyncDispose]();
    await targets?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    target = targets.open();
  });
  return {
    get targets() {
      return targets;
    },
    get lake() {
      return lake;
    },
    get target() {
      return target;
    },
    load: async (request, context = {}, change = {}) => {
      await using loader = redshiftLoader({ ...target.options, ...change } as RedshiftLoaderOptions);
      targets.redshift.forget();
      return await loadRun(loader, request, context);
    },
    statements: () => targets.redshift.statements().map(({ sql }) => sql),
  };
}

/** Expects an `EtlError` of this code and exit code, with a hint. */
export async function refusedWith(work: Promise<unknown>, code: string, exitCode: number): Promise<EtlError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!EtlError.isInstance(error)) expect.fail(`expected ${code}, got ${String(error)}`);
  expect({ code: error.code, exitCode: error.exitCode, message: error.message }).toMatchObject({
    code,
    exitCode,
  });
  expect(error.hint).toMatch(/\w/);
  return error;
}

/** A collection without arrays. */
export const notes = defineTables({
  collection: "notes",
  schema: z.object({ id: z.string(), body: z.string().nullable(), stars: z.int() }),
});

/** The run `r1` of one table, `notes`: n0, n1, … with these bodies. */
export async function notesOf(lake: TestLake, ...bodies: readonly string[]): Promise<LoadRequest> {
  const records = bodies.map((body, index) => ({ id: `n${index}`, body, stars: index }));
  return requestOf("r1", [await lake.collection(notes, records)]);
}
