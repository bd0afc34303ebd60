import { EtlError } from "@spacex-etl/contracts";
import type { RedshiftCredentials, RedshiftLoaderOptions } from "./options.ts";

/** User and password of a new connection. @throws EtlError WAREHOUSE_AUTH, or what the caller's function threw */
export async function credentialsOf(
  options: Exclude<RedshiftLoaderOptions, { client: unknown }>,
  signal: AbortSignal,
): Promise<RedshiftCredentials> {
  try {
    const { user, password } =
      options.credentials === undefined
        ? {
            user: options.user,
            password: typeof options.password === "function" ? await options.password() : options.password,
          }
        : await options.credentials({ signal });
    if (typeof password === "string" && password !== "" && user !== "") return { user, password };
  } catch (cause) {
    throw noCredentials("could not be had", cause);
  }
  throw noCredentials("are empty", undefined);
}

function noCredentials(problem: string, cause: unknown): EtlError {
  if (EtlError.isInstance(cause)) return cause;
  return new EtlError({
    kind: "auth",
    code: "WAREHOUSE_AUTH",
    message: `The credentials for Redshift ${problem}.`,
    hint: "Look at what gives them: the password's variable, or the role that may ask for temporary ones.",
    cause,
  });
}
