import { defineTables, EtlError } from "@spacex-etl/contracts";
import { type LoadContext, type LoadReport, type LoadRequest, loadRun } from "@spacex-etl/warehouse-loaders";
import { bigqueryLoader, type BigQueryLoaderOptions } from "@spacex-etl/warehouse-loaders/bigquery";
import { requestOf, TestLake } from "@spacex-etl/warehouse-loaders/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { z } from "zod";
import type { TestServer } from "../../servers/index.ts";
import { type BigQueryTarget, openBigQueryTarget, PROJECT } from "./bigquery-target.ts";

/** A parent with a child table. */
export const books = defineTables({
  collection: "books",
  schema: z.object({ id: z.string(), title: z.string(), pages: z.array(z.object({ text: z.string() })) }),
});

export const aBook = (id: string, title = "untold") => ({ id, title, pages: [{ text: `${id} 1` }] });

type Options = LoadContext & { readonly options?: Partial<BigQueryLoaderOptions> };

/** A warehouse of its own, a lake, and the usual moves. */
export interface Scene extends AsyncDisposable {
  readonly target: BigQueryTarget;
  readonly lake: TestLake;
  load(request: LoadRequest, options?: Options): Promise<LoadReport>;
  /** Run `r<n>`: these books, extracted on the n-th. */
  run(n: number, records: readonly object[]): Promise<LoadRequest>;
  /** Keys of the books that are not deleted. */
  live(): Promise<unknown[]>;
  /** Ids of the jobs that begin so, oldest first, without what `spacex-etl_r<n>_` and a hash say. */
  jobs(kind: "load" | "query"): string[];
}

export async function openScene(gcs: Pick<TestServer, "endpoint">, local = false): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "bigquery-scene-"));
  const target = await openBigQueryTarget(gcs);
  const lake = await TestLake.open(folder, (path, name) =>
    local ? Promise.resolve(path) : target.publish!(path, name),
  );
  return {
    target,
    lake,
    load: async (request, { options, ...context } = {}) => {
      await using loader = bigqueryLoader(target.options(options));
      return await loadRun(loader, request, context);
    },
    run: async (n, records) =>
      requestOf(`r${n}`, [
        await lake.collection(books, records, { extractedAt: new Date(Date.UTC(2026, 0, n)).toISOString() }),
      ]),
    live: async () =>
      (await target.read("books"))
        .filter((row) => row["_deleted_at"] === null)
        .map((row) => row["id"])
        .toSorted(),
    jobs: (kind) =>
      target.server
        .jobs()
        .filter((job) => job.kind === kind && job.parentJobId === null && job.jobId.startsWith("spacex-etl_"))
        .map(({ jobId }) => jobId.replace(/_[0-9a-f]{12,24}(?=_a\d+$)|_[0-9a-f-]{36}$/, "")),
    [Symbol.asyncDispose]: async () => {
      await lake[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The `EtlError` that the work ends with. */
export async function errorOf(work: Promise<unknown>): Promise<EtlError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!EtlError.isInstance(thrown)) expect.fail(`expected an EtlError, got ${String(thrown)}`);
  return thrown;
}

/** Requests that start a job, by what their bodies hold. */
export const POST_JOB = { method: "POST", path: /^\/jobs$/ } as const;
export const LOAD = /"load":\{/;
export const APPLY = /_apply_/;

/** The first run is loaded; the second changes, adds and removes a book. */
export async function afterFirst(
  gcs: Pick<TestServer, "endpoint">,
): Promise<{ readonly scene: Scene; readonly second: LoadRequest }> {
  const scene = await openScene(gcs);
  await scene.load(await scene.run(1, [aBook("a"), aBook("b")]));
  return { scene, second: await scene.run(2, [aBook("a", "told"), aBook("c")]) };
}

/** The second run is loaded, once, and nothing is left of it. */
export async function expectSecond({ live, target }: Scene): Promise<void> {
  expect(await live()).toEqual(["a", "c"]);
  expect(await target.read("books__pages")).toHaveLength(2);
  expect((await target.read("_loads")).map((row) => row["run_id"]).toSorted()).toEqual(["r1", "r2"]);
  const stages = await stagesOf(target.server.endpoint);
  expect(stages).toEqual([]);
}

/** Names of the stages that are there. */
export async function stagesOf(endpoint: string): Promise<string[]> {
  const response = await fetch(`${endpoint}/bigquery/v2/projects/${PROJECT}/datasets/raw/tables`);
  const { tables = [] } = (await response.json()) as { tables?: { tableReference: { tableId: string } }[] };
  return tables
    .map(({ tableReference }) => tableReference.tableId)
    .filter((name) => name.startsWith("_stage_"));
}
