import { createHash, randomBytes } from "node:crypto";
import { EtlError } from "../errors/etl-error.ts";

/** 1 to 63 of a–z, 0–9 and `-`, starting with a letter or digit: safe in object keys, job ids and table names. */
export const RUN_ID_PATTERN = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Whether the text can be a run id as it is. */
export function isRunId(text: string): boolean {
  return RUN_ID_PATTERN.test(text);
}

/** The text itself if it is a run id, else an error of kind `usage` that offers the nearest valid one. */
export function parseRunId(text: string): string {
  if (isRunId(text)) return text;
  throw new EtlError({
    kind: "usage",
    code: "RUN_ID_INVALID",
    message: `The run id ${JSON.stringify(text)} is not valid: 1 to 63 of a–z, 0–9 and "-", not starting with "-".`,
    hint: text.trim() === "" ? "Leave it out to get a new one." : `Use for example ${runIdFrom(text)}.`,
  });
}

/** A new run id that sorts by time: `20261122t043501z-9f3a1c`. */
export function newRunId(now: Date = new Date()): string {
  const stamp = now
    .toISOString()
    .replace(/\.\d+Z$/, "z")
    .replace(/[-:]/g, "")
    .toLowerCase();
  return `${stamp}-${randomBytes(3).toString("hex")}`;
}

/**
 * The run id of a scheduler's own id (Airflow's `scheduled__2026-11-22T00:00:00+00:00`): lower-cased, every other
 * character replaced, and a short hash of the original at the end, so that two ids never meet. A valid run id stays.
 */
export function runIdFrom(schedulerId: string): string {
  if (isRunId(schedulerId)) return schedulerId;
  const hash = createHash("sha256").update(schedulerId).digest("hex").slice(0, 8);
  const readable = schedulerId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 54)
    .replace(/-+$/, "");
  return readable === "" ? hash : `${readable}-${hash}`;
}
