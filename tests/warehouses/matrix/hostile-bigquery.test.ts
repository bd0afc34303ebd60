import { openBigQueryWorld, sentTo } from "../harness/bigquery-world.ts";
import { testHostile } from "../harness/hostile-suite.ts";
import { type BigQueryTarget, DATASET, PROJECT } from "../loaders/bigquery-target.ts";

testHostile<BigQueryTarget>("bigquery", async () => {
  const world = await openBigQueryWorld();
  const opened: BigQueryTarget[] = [];
  return {
    async open() {
      const target = await world.open();
      opened.push(target);
      return target;
    },
    async tables({ server }) {
      const response = await fetch(
        `${server.endpoint}/bigquery/v2/projects/${PROJECT}/datasets/${DATASET}/tables?maxResults=1000`,
      );
      const { tables = [] } = (await response.json()) as {
        readonly tables?: readonly { readonly tableReference: { readonly tableId: string } }[];
      };
      return tables.map(({ tableReference }) => tableReference.tableId).toSorted();
    },
    ownTable: (_target, name) => name.startsWith("odd"),
    statements: () => opened.flatMap(({ server }) => sentTo(server)),
    secrets: [],
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
});
