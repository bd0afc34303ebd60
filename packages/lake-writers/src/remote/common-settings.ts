import { EtlError } from "@spacex-etl/contracts/errors";
import type { StoreCommonOptions } from "./store-options.ts";
import { MAX_TIMER_MS } from "./times.ts";

/** Makes the error of a store's option, `STORE_OPTIONS` of kind `usage`, of what is wrong with it. */
export type OptionError = (problem: string) => EtlError;

/** @param store the function that was called: `s3Store` */
export function optionErrors(store: string): OptionError {
  return (problem) =>
    new EtlError({
      kind: "usage",
      code: "STORE_OPTIONS",
      message: `${store}: ${problem}.`,
      hint: "Correct the option, or leave it out.",
    });
}

/** The times of a store with their defaults, once they and the metadata were checked. A deadline of 0 is one without retries. */
export function commonSettings(
  options: StoreCommonOptions,
  optionError: OptionError,
): { readonly deadlineMs: number; readonly stallMs: number } {
  const { deadlineMs = 120_000, stallMs = 30_000 } = options;
  for (const [name, value, least] of [
    ["deadlineMs", deadlineMs, 0],
    ["stallMs", stallMs, 1],
  ] as const) {
    if (value >= least && value <= MAX_TIMER_MS) continue;
    throw optionError(`${name} must be a number of milliseconds from ${least} to ${MAX_TIMER_MS}`);
  }
  for (const [name, value] of Object.entries(options.metadata ?? {})) {
    if (/^[a-z0-9-]+$/.test(name) && /^[\x20-\x7e]*$/.test(value)) continue;
    throw optionError(
      `the metadata ${JSON.stringify(name)} is not ASCII, or has a name of other than a–z, 0–9, -`,
    );
  }
  return { deadlineMs, stallMs };
}
