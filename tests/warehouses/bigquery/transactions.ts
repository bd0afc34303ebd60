import { randomUUID } from "node:crypto";
import { invalidQuery } from "./api-error.ts";

export interface Transaction {
  readonly id: string;
  readonly began: number;
  readonly tables: Set<string>;
}

/**
 * Conflicts as documented: of two transactions at once that update or delete rows of the same table, whatever rows, the
 * second is cancelled; INSERT and SELECT never conflict; a statement outside of transactions waits for them.
 * https://cloud.google.com/bigquery/docs/transactions#transaction_concurrency
 */
export class Transactions {
  #clock = 0;
  readonly #mutated = new Map<string, number>();
  readonly #held = new Map<string, PromiseWithResolvers<void>>();

  begin(): Transaction {
    return { id: randomUUID(), began: ++this.#clock, tables: new Set() };
  }

  /** @throws ApiError `invalidQuery` when another transaction mutates the table, or did since this one began. */
  mutate(transaction: Transaction, table: string): void {
    if (transaction.tables.has(table)) return;
    if (this.#held.has(table) || (this.#mutated.get(table) ?? 0) > transaction.began) {
      throw invalidQuery(
        `Transaction is aborted due to concurrent update against table ${table}. Transaction ID: ${transaction.id}`,
      );
    }
    this.#hold(table);
    transaction.tables.add(table);
  }

  end(transaction: Transaction, committed: boolean): void {
    for (const table of transaction.tables) this.#release(table, committed);
    transaction.tables.clear();
  }

  /** Runs one statement outside of a transaction. */
  async alone<T>(table: string, statement: () => Promise<T>): Promise<T> {
    for (let other = this.#held.get(table); other !== undefined; other = this.#held.get(table))
      await other.promise;
    this.#hold(table);
    try {
      return await statement();
    } finally {
      this.#release(table, true);
    }
  }

  #hold(table: string): void {
    this.#held.set(table, Promise.withResolvers<void>());
  }

  #release(table: string, changed: boolean): void {
    if (changed) this.#mutated.set(table, ++this.#clock);
    this.#held.get(table)?.resolve();
    this.#held.delete(table);
  }
}
