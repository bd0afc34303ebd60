import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { EtlError } from "@spacex-etl/contracts";
import { type RecordList, recordsFromJson } from "./record-list.ts";
import { dataNames, type SimulatorData, singleObjects } from "./simulator-data.ts";

/**
 * The files of a folder, `<collection>.json` each, replayed byte for byte: every record keeps its own bytes, in the
 * file's order. A file holds a JSON array of records or one object; `launches.json` is in the shape of version 5,
 * `launches-v4.json` is optional. Files of other names are left alone, and a collection without a file answers 404.
 *
 * @throws EtlError of kind `usage` for a folder that cannot be read or holds no such file, and for a file that is not
 *   such JSON.
 */
export async function directoryData(path: string): Promise<SimulatorData> {
  const present = new Set(await readDirectory(path));
  const collections = new Map<string, RecordList>();
  for (const name of dataNames) {
    const file = `${name}.json`;
    if (!present.has(file)) continue;
    const where = join(path, file);
    const records = recordsFromJson(await readDataFile(where), where);
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
