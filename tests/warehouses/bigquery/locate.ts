import type { LoadConfiguration, QueryConfiguration } from "./resources.ts";
import { readPath } from "./sql/rewrite.ts";
import { isSymbol, tokenize } from "./sql/tokens.ts";
import type { Warehouse } from "./warehouse.ts";

/** Where a job without a location runs: where the first dataset is that it names, else in US. */
export function locate(
  warehouse: Warehouse,
  projectId: string,
  load: LoadConfiguration | null,
  query: QueryConfiguration | null,
): string {
  const find = (project: string | undefined, dataset: string | undefined): string | undefined =>
    warehouse.datasets.get(`${project ?? projectId}:${dataset}`)?.location;
  if (load !== null) return find(load.destinationTable.projectId, load.destinationTable.datasetId) ?? "US";
  const { defaultDataset } = query!;
  for (const [first, second, third] of paths(query!.query)) {
    const found = (third === undefined ? undefined : find(first, second)) ?? find(undefined, first);
    if (found !== undefined) return found;
  }
  return find(defaultDataset?.projectId, defaultDataset?.datasetId) ?? "US";
}

/** Everything in a script that could name a table; a script that cannot be read names none. */
function paths(sql: string): string[][] {
  try {
    const tokens = tokenize(sql);
    const found: string[][] = [];
    tokens.forEach((token, index) => {
      const starts = (token.kind === "quoted" || token.kind === "word") && !isSymbol(tokens[index - 1], ".");
      const dotted = token.value.includes(".") || isSymbol(tokens[index + 1], ".");
      if (starts && dotted && !isSymbol(tokens[index + 2], "*")) found.push(readPath(tokens, index).path);
    });
    return found;
  } catch {
    return [];
  }
}
