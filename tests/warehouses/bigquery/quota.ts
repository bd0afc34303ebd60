import { ApiError } from "./api-error.ts";

/** https://cloud.google.com/bigquery/quotas: per table, metadata updates of any kind, load jobs included. */
const UPDATES = 5;
const UPDATE_WINDOW_MS = 10_000;
const DAY_MS = 86_400_000;

/** Counts by the table's name, as the service does: dropping the table does not reset it. */
export class Quota {
  readonly #now: () => number;
  readonly #loadsPerDay: number;
  readonly #updates = new Map<string, number[]>();
  readonly #loads = new Map<string, number[]>();

  constructor(now: () => number, loadsPerDay: number) {
    this.#now = now;
    this.#loadsPerDay = loadsPerDay;
  }

  /** @throws ApiError 403 `rateLimitExceeded`. */
  updateMetadata(table: string): void {
    if (this.#count(this.#updates, table, UPDATE_WINDOW_MS) < UPDATES) {
      this.#updates.get(table)!.push(this.#now());
      return;
    }
    throw new ApiError(
      403,
      "rateLimitExceeded",
      "Exceeded rate limits: too many table update operations for this table. For more information, see https://cloud.google.com/bigquery/docs/troubleshoot-quotas",
      "table.write",
    );
  }

  /** Failed loads count too. @throws ApiError 403 `quotaExceeded`. */
  load(table: string): void {
    if (this.#count(this.#loads, table, DAY_MS) >= this.#loadsPerDay) {
      throw new ApiError(
        403,
        "quotaExceeded",
        "Quota exceeded: Your table exceeded quota for imports or query appends per table.",
        "load_job_per_table.long",
      );
    }
    this.#loads.get(table)!.push(this.#now());
  }

  #count(counts: Map<string, number[]>, table: string, window: number): number {
    const recent = (counts.get(table) ?? []).filter((time) => time > this.#now() - window);
    counts.set(table, recent);
    return recent.length;
  }
}
