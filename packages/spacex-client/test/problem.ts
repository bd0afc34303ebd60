import { EtlError } from "@spacex-etl/contracts";

/** The `EtlError` that a promise ends with; anything else fails the test. */
export async function problemOf(run: PromiseLike<unknown>): Promise<EtlError> {
  try {
    await run;
  } catch (error) {
    if (EtlError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
