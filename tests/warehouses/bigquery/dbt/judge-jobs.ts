import type { BigQuery, TableMetadata } from "@google-cloud/bigquery";
import { type JudgedTable, startAnalyzer } from "../../googlesql/index.ts";
import type { BigQueryServer } from "../server.ts";

/** Comments before the first word of a statement. */
const COMMENTS = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*/;

export interface Judgement {
  /** How many texts were judged. */
  readonly count: number;
  /** The first that Google's analyzer refuses, and why. */
  readonly refused: string | null;
}

/**
 * Shows Google's analyzer what dbt asked the double to run, in its order, so that each statement meets the tables that
 * those before it made. Left out are a SELECT of a text that was shown before, and CALL, which the analyzer does not know.
 *
 * @param datasets Whose tables were there before.
 */
export async function judgeJobs(
  server: BigQueryServer,
  client: BigQuery,
  datasets: readonly string[],
): Promise<Judgement> {
  const seen = new Set<string>();
  const statements: string[] = [];
  for (const { kind, configuration } of server.jobs()) {
    const { dbt_invocation_id: invocation } = (configuration["labels"] ?? {}) as Readonly<
      Record<string, string>
    >;
    if (kind !== "query" || invocation === undefined) continue;
    const text = (configuration["query"] as { readonly query: string }).query.replace(COMMENTS, "");
    if (/^call\b/i.test(text) || (/^(select|with)\b/i.test(text) && seen.has(text))) continue;
    seen.add(text);
    statements.push(text);
  }
  const tables = (await Promise.all(datasets.map((dataset) => tablesOf(client, dataset)))).flat();
  await using analyzer = await startAnalyzer();
  const verdict = await analyzer.judgeScript({ tables, statements });
  const refused = verdict.ok ? null : `${verdict.message} in:\n${statements[verdict.statement]}`;
  return { count: statements.length, refused };
}

async function tablesOf(client: BigQuery, dataset: string): Promise<JudgedTable[]> {
  const [tables] = await client.dataset(dataset).getTables();
  return Promise.all(
    tables.map(async (table) => {
      const [{ schema }] = (await table.getMetadata()) as unknown as [TableMetadata];
      const fields = schema as {
        readonly fields: readonly { readonly name: string; readonly type: string }[];
      };
      const columns = fields.fields.map(({ name, type }) => ({ name, type }));
      return { name: `${client.projectId}.${dataset}.${table.id}`, columns };
    }),
  );
}
