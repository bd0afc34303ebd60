import type { Client, DatabaseError } from "pg";

/** The error of what must fail. */
export async function refusal(work: Promise<unknown>): Promise<DatabaseError> {
  return await work.then(
    () => Promise.reject(new Error("It was not refused.")),
    (error: unknown) => error as DatabaseError,
  );
}

/** The rows of a query as lists. */
export async function rowsOf(
  client: Client,
  sql: string,
  values: readonly unknown[] = [],
): Promise<unknown[][]> {
  return (await client.query<unknown[]>({ text: sql, rowMode: "array", values: [...values] })).rows;
}
