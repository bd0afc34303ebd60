import { installGoogleSql } from "./googlesql/install.ts";
import { findPostgres } from "./redshift/postgres.ts";

/**
 * Once for all files of the suite: finds or installs what they need, and says all that a person must install at once.
 * Without it the suite fails, it never skips.
 */
export async function setup(): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const found = await Promise.allSettled([findPostgres(), installGoogleSql(say)]);
  const missing = found.flatMap((each) => (each.status === "rejected" ? [each.reason as Error] : []));
  if (missing.length === 0) return;
  throw new Error(missing.map(({ message }) => message.trim()).join("\n"), { cause: missing[0] });
}
