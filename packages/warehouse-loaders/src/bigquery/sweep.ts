import type { LoadContext } from "../loader/loader.ts";
import { inLanes } from "../loader/lanes.ts";
import type { Api } from "./api.ts";
import { field, textOf } from "./failure.ts";
import { isStage } from "./names.ts";
import { listOf } from "./queries.ts";
import type { RawDataset } from "./sql/index.ts";

/** Drops stages that were made before a date. @returns Their names, sorted. */
export async function sweepStages(
  api: Api,
  { project, dataset }: RawDataset,
  olderThan: Date,
  options: Pick<LoadContext, "signal"> & { readonly dryRun?: boolean | undefined },
): Promise<readonly string[]> {
  const path = `${project}/datasets/${dataset}/tables`;
  const found: string[] = [];
  let pageToken: string | undefined;
  do {
    const query = { maxResults: "1000", pageToken };
    const page = await api.find("list the stages", { method: "GET", path, query }, options, 404);
    for (const table of listOf(field(page, "tables"))) {
      const name = textOf(field(field(table, "tableReference"), "tableId")) ?? "";
      const created = Number(field(table, "creationTime"));
      if (isStage(name) && created < olderThan.getTime()) found.push(name);
    }
    pageToken = textOf(field(page, "nextPageToken"));
  } while (pageToken !== undefined);
  if (options.dryRun !== true) {
    await inLanes(found, options.signal, (name) =>
      api.find(
        `drop the stage ${name}`,
        { method: "DELETE", path: `${path}/${encodeURIComponent(name)}` },
        options,
        404,
      ),
    );
  }
  return found.sort();
}
