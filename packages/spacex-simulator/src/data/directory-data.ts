import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { EtlError } from "@spacex-etl/contracts/errors";
import { openReplay } from "./replay.ts";
import { withBody } from "./derived-lists.ts";
import { type RecordList, recordsFromJson } from "./record-list.ts";
import { dataNames, singleObjects } from "./data-names.ts";
import type { SimulatorData } from "./simulator-data.ts";

/**
 * The files of a folder, `<collection>.json` each, replayed byte for byte: every record keeps its own bytes, in the
 * file's order. A file holds a JSON array of records or one object; `launches.json` is in the shape of version 5,
 * `launches-v4.json` is optional. Files of other names are left alone, and a collection without a file answers 404.
 *
 * A folder that `record` made is checked against its `recording.json` and served with every byte of the lists.
 *
 * @throws EtlError of kind `usage` for a folder that cannot be read or holds no such file, for a file that is not such
 *   JSON, and for a recording that was cut short; of kind `integrity` for a recorded file that has changed.
 */
export async function directoryData(path: string): Promise<SimulatorData> {
  const present = new Set(await readDirectory(path));
  const replay = await openReplay(path);
  const collections = new Map<string, RecordList>();
  for (const name of dataNames) {
    const file = `${name}.json`;
    const known = replay === undefined ? present.has(file) : replay.has(name);
    if (!known) continue;
    const where = join(path, file);
    const bytes = await readDataFile(where);
    replay?.check(name, where, bytes);
    const parsed = recordsFromJson(bytes, where);
    const records = replay === undefined ? parsed : withBody(parsed, bytes, singleObjects.has(name));
    if (singleObjects.has(name) && records.length !== 1) {
      throw new EtlError({
        kind: "usage",
        code: "DATA_NOT_SINGLE",
        message: `${where} holds ${records.length} records, but the API answers ${name} as one object.`,
        hint: "Keep exactly one record in it.",
      });
    }
    collections.set(name, records);
  }
  if (collections.size === 0) {
    throw new EtlError({
      kind: "usage",
      code: "DATA_EMPTY",
      message: `The data folder ${path} holds no file of a collection.`,
      hint: "It needs files such as launches.json, rockets.json or company.json.",
    });
  }
  return { description: `the files of ${path}`, collections };
}

async function readDirectory(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (cause) {
    throw unreadable(`The data folder ${path} cannot be read`, cause);
  }
}

async function readDataFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadable(`The data file ${path} cannot be read`, cause);
  }
}

function unreadable(what: string, cause: unknown): EtlError {
  const code = (cause as NodeJS.ErrnoException).code;
  const reason =
    code === "ENOENT"
      ? "it does not exist"
      : code === "ENOTDIR"
        ? "it is not a folder"
        : code === "EISDIR"
          ? "it is a folder"
          : code === "EACCES"
            ? "permission denied"
            : String(cause);
  return new EtlError({
    kind: "usage",
    code: "DATA_UNREADABLE",
    message: `${what}: ${reason}.`,
    hint: "Give a folder with files such as launches.json.",
    cause,
  });
}
