import { EtlError } from "@spacex-etl/contracts";
import { type CollectionName, collectionNames, collections } from "@spacex-etl/spacex-client/tables";
import { rawColumns } from "@spacex-etl/warehouse-loaders";
import { didYouMean } from "../command-line/usage-error.ts";

/**
 * Whether each table is one of ours and has the column, of a type that can be partitioned by. Not where the address is
 * read: the tables are derived from the schemas for it.
 *
 * @throws EtlError of kind `usage`, WAREHOUSE_URL.
 */
export function checkPartitions(partitionBy: Readonly<Record<string, string>>): void {
  for (const [table, column] of Object.entries(partitionBy)) {
    const collection = collectionNames.find((name) => name === table.replace(/__.*$/, ""));
    const tables = collection === undefined ? [] : collections[collection as CollectionName].tables;
    const spec = tables.find(({ name }) => name === table);
    if (spec === undefined) {
      const names = collection === undefined ? collectionNames : tables.map(({ name }) => name);
      throw refused(
        `no table ${table}`,
        didYouMean(table, names, `There are for example ${names.join(", ")}.`),
      );
    }
    const fitting = rawColumns(spec)
      .filter(({ type }) => type === "date" || type === "timestamp")
      .map(({ name }) => name);
    if (!fitting.includes(column))
      throw refused(
        `no column ${column} of type date or timestamp in ${table}`,
        didYouMean(column, fitting, `There are ${fitting.join(", ")}.`),
      );
  }
}

function refused(problem: string, hint: string): EtlError {
  return new EtlError({
    kind: "usage",
    code: "WAREHOUSE_URL",
    message: `The parameter partitionBy of the warehouse's address does not fit: there is ${problem}.`,
    hint,
  });
}
