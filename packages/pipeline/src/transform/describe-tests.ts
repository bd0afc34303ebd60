import { readFile } from "node:fs/promises";
import { z } from "zod";

/** The part of dbt's `manifest.json` (schema v12) that says what a generic test is about. */
const manifestSchema = z.looseObject({
  nodes: z.record(
    z.string(),
    z.looseObject({
      attached_node: z.string().nullish(),
      test_metadata: z.looseObject({ name: z.string(), kwargs: z.record(z.string(), z.unknown()) }).nullish(),
    }),
  ),
});

/**
 * A sentence per test about the rows that it found. Without a manifest that can be read, and for tests that it does not
 * know, the sentence has the number only.
 */
export async function describeTests(
  manifestFile: string,
  found: readonly { readonly id: string; readonly rows: number }[],
): Promise<ReadonlyMap<string, string>> {
  if (found.length === 0) return new Map();
  const nodes = await readNodes(manifestFile);
  return new Map(found.map(({ id, rows }) => [id, describe(nodes[id], rows)]));
}

type Nodes = z.infer<typeof manifestSchema>["nodes"];

async function readNodes(file: string): Promise<Nodes> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(file, "utf8"))).nodes;
  } catch {
    return {};
  }
}

function describe(node: Nodes[string] | undefined, rows: number): string {
  const count = rows === 1 ? "1 row" : `${rows} rows`;
  const model = node?.attached_node?.split(".").at(-1);
  const test = node?.test_metadata;
  if (model === undefined || test === undefined || test === null) return count;
  const { column_name: column, to, expression } = test.kwargs;
  if (typeof column === "string" && typeof to === "string") {
    return `${count} of ${model} with a ${column} that ${referenced(to)} does not have`;
  }
  if (typeof expression === "string") return `${count} of ${model} without ${expression}`;
  if (typeof column === "string") return `${count}, ${column} of ${model}`;
  return `${count} of ${model}`;
}

/** `ref('src_spacex_launches')` is `src_spacex_launches`. */
function referenced(expression: string): string {
  return /'([^']+)'\s*\)?\s*$/.exec(expression)?.[1] ?? expression;
}
