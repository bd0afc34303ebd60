import { installServers } from "./install.ts";

/** Once for all files of the suite; without its servers the suite fails, it never skips. */
export async function setup(): Promise<void> {
  await installServers((line) => process.stderr.write(`${line}\n`));
}
