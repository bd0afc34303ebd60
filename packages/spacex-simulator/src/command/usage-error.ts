import { EtlError } from "@spacex-etl/contracts/errors";

/** The commands of this package that have flags of their own. */
export type FlaggedCommand = "simulate" | "record";

/** Words on the command line that make no sense: exit code 2, before anything is done. */
export function usageError(
  command: FlaggedCommand,
  code: string,
  message: string,
  cause?: unknown,
): EtlError {
  return new EtlError({
    kind: "usage",
    code,
    message: `${command}: ${message}`,
    hint: `See ${command} --help.`,
    cause,
  });
}

/** Of what Node's `parseArgs` threw: its first sentence, without its advice on positional arguments. */
export function unknownFlag(command: FlaggedCommand, cause: unknown): EtlError {
  const message = cause instanceof Error ? (cause.message.split(". ", 1)[0] ?? cause.message) : String(cause);
  return usageError(command, "FLAG_UNKNOWN", `${message.replace(/\.$/, "")}.`, cause);
}
