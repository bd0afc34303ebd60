import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { describeTests } from "./describe-tests.ts";

/** The part of dbt's `run_results.json` (schema v5 and v6) that is used. */
const runResultsSchema = z.looseObject({
  results: z.array(
    z.looseObject({
      status: z.string(),
      unique_id: z.string(),
      message: z.string().nullish(),
      /** Of a test: rows that its query found. */
      failures: z.number().nullish(),
    }),
  ),
});

export interface NodeProblem {
  /** `model spacex_launches`, `test src_spacex_payloads_launch_id_resolves`. */
  readonly node: string;
  /** One line; empty where there is nothing beyond the name. */
  readonly message: string;
}

export interface DbtResults {
  readonly models: { readonly built: number; readonly failed: number; readonly skipped: number };
  readonly tests: { readonly passed: number; readonly warned: number; readonly failed: number };
  readonly failures: readonly NodeProblem[];
  readonly warnings: readonly NodeProblem[];
}

/** What dbt did, from its artifacts, or undefined if it ended before it wrote them whole. */
export async function readRunResults(targetFolder: string): Promise<DbtResults | undefined> {
  const results = await readResults(join(targetFolder, "run_results.json"));
  if (results === undefined) return undefined;
  const models = { built: 0, failed: 0, skipped: 0 };
  const tests = { passed: 0, warned: 0, failed: 0 };
  const failed: Result[] = [];
  const warned: Result[] = [];
  for (const result of results) {
    const isTest = /^(unit_)?test\./.test(result.unique_id);
    switch (result.status) {
      case "error":
      case "fail":
      case "runtime error":
        failed.push(result);
        if (isTest) tests.failed++;
        else models.failed++;
        break;
      case "skipped":
        if (!isTest) models.skipped++;
        break;
      case "warn":
        warned.push(result);
        tests.warned++;
        break;
      default:
        if (isTest) tests.passed++;
        else models.built++;
    }
  }
  const found = [...failed, ...warned].filter(
    ({ unique_id, failures }) => unique_id.startsWith("test.") && typeof failures === "number",
  );
  const sentences = await describeTests(join(targetFolder, "manifest.json"), found.map(finding));
  const problem = (result: Result): NodeProblem => ({
    node: nodeName(result.unique_id),
    message: sentences.get(result.unique_id) ?? summaryOf(result.message ?? ""),
  });
  return { models, tests, failures: failed.map(problem), warnings: warned.map(problem) };
}

type Result = z.infer<typeof runResultsSchema>["results"][number];

async function readResults(file: string): Promise<Result[] | undefined> {
  try {
    return runResultsSchema.parse(JSON.parse(await readFile(file, "utf8"))).results;
  } catch {
    return undefined;
  }
}

function finding({ unique_id, failures }: Result): { readonly id: string; readonly rows: number } {
  return { id: unique_id, rows: failures ?? 0 };
}

/** `test.<project>.<name>.<hash>`, `unit_test.<project>.<model>.<name>`, `<kind>.<project>.<name>`. */
function nodeName(uniqueId: string): string {
  const [kind = "node", , ...rest] = uniqueId.split(".");
  const name = kind === "unit_test" ? rest[1] : rest[0];
  return `${kind.replace("_", " ")} ${name ?? uniqueId}`;
}

/** The line that says what went wrong: dbt puts the node's name and where to look before it. */
function summaryOf(message: string): string {
  const lines = message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const said = lines.filter((line) => !/^\w+ Error( in \w+ .*)?$/.test(line));
  const line = said.find((text) => /^[\w ]*Error: /.test(text)) ?? said[0] ?? lines[0] ?? "";
  return line.replace(/[.:]$/, "");
}
