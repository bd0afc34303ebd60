import type { CommandIo } from "./command-io.ts";

export type { CommandIo } from "./command-io.ts";
export { recordUsage } from "./record-usage.ts";
export { simulateUsage } from "./simulate-usage.ts";

/**
 * The command `simulate`: starts a simulator, prints its address as the one line of stdout, and serves until the signal
 * is aborted. Resolves to the exit code 0.
 *
 * @param argv the arguments after the command's name.
 * @throws EtlError of kind `usage` (exit code 2) for bad flags, a bad folder and a port that cannot be had.
 */
export async function simulateCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const { simulate } = await import("./simulate-command.ts");
  return await simulate(argv, io);
}

/**
 * The command `record`: saves a running API as a folder for `simulate --data`, with its progress on stderr and what came
 * of it on stdout. Resolves to the exit code 0.
 *
 * @param argv the arguments after the command's name.
 * @throws EtlError, see `record`; of kind `usage` (exit code 2) for bad flags. The signal's reason if it is aborted.
 */
export async function recordCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const { runRecord } = await import("./record-command.ts");
  return await runRecord(argv, io);
}
