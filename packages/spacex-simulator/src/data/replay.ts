import { createHash } from "node:crypto";
import { EtlError } from "@spacex-etl/contracts/errors";
import { readRecording } from "../record/recording.ts";

/** Says which files of a recorded folder to serve, and whether they are as they were recorded. */
export interface Replay {
  has(collection: string): boolean;
  /** @throws EtlError of kind `integrity` for other bytes than the recorded ones. */
  check(collection: string, where: string, bytes: Uint8Array): void;
}

/**
 * The recording of a folder; undefined where its files were put there by hand.
 *
 * @throws EtlError of kind `usage` for one that was cut short: it would pass for a whole API.
 */
export async function openReplay(folder: string): Promise<Replay | undefined> {
  const recording = await readRecording(folder);
  if (recording === undefined) return undefined;
  const { api, complete, collections, files, absent } = recording;
  if (!complete) {
    const missing = collections.filter((name) => !Object.hasOwn(files, name) && !Object.hasOwn(absent, name));
    throw new EtlError({
      kind: "usage",
      code: "RECORDING_INCOMPLETE",
      message: `The recording in ${folder} was cut short: ${missing.join(", ")} missing.`,
      hint: `Finish it with spacex-etl record --api ${api} --out ${folder}.`,
    });
  }
  return {
    has: (name) => Object.hasOwn(files, name),
    check(name, where, bytes) {
      const entry = files[name];
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      if (entry === undefined || (entry.bytes === bytes.length && entry.sha256 === sha256)) return;
      throw new EtlError({
        kind: "integrity",
        code: "RECORDING_CHANGED",
        message: `${where} is not what was recorded from ${api}: its checksum differs.`,
        hint: `Record it again with spacex-etl record --api ${api} --out ${folder}, or remove recording.json to serve the files as they are.`,
      });
    },
  };
}
