import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { EtlError } from "@spacex-etl/contracts/errors";
import { resources } from "../api/index.ts";
import { listOnDemand } from "./derived-lists.ts";
import { type RecordList, recordsFromLines } from "./record-list.ts";
import type { SimulatorData } from "./simulator-data.ts";

/**
 * The snapshot that this package ships: all 14 collections in the state in which the API was frozen, facts only. What
 * is recorded, what is left out and what is generated: `snapshot/PROVENANCE.md`.
 *
 * @throws EtlError of kind `bug` if the package's own files are missing; of a damaged one, when it is first read.
 */
export async function embeddedSnapshot(): Promise<SimulatorData> {
  const folder = snapshotFolder();
  const collections = new Map(
    [...resources.keys()].map((name) => {
      const file = fileURLToPath(new URL(`${name}.ndjson.gz`, folder));
      if (!existsSync(file)) throw damaged(file, undefined);
      // Unpacked when first asked for: a run of a few collections pays for no others.
      return [name, listOnDemand(() => unpacked(file))];
    }),
  );
  return { description: "the embedded snapshot", collections };
}

/** One collection of the embedded snapshot, read and unpacked now. */
export function snapshotCollection(name: string): RecordList {
  return unpacked(fileURLToPath(new URL(`${name}.ndjson.gz`, snapshotFolder())));
}

function unpacked(file: string): RecordList {
  try {
    return recordsFromLines(gunzipSync(readFileSync(file)));
  } catch (cause) {
    throw damaged(file, cause);
  }
}

/** The folder lies beside `src/` and `dist/`, one or two levels above this module. */
function snapshotFolder(): URL {
  for (const up of ["../snapshot/", "../../snapshot/"]) {
    const folder = new URL(up, import.meta.url);
    if (existsSync(folder)) return folder;
  }
  throw damaged(fileURLToPath(new URL("../snapshot/", import.meta.url)), undefined);
}

function damaged(path: string, cause: unknown): EtlError {
  return new EtlError({
    kind: "bug",
    code: "SNAPSHOT_UNREADABLE",
    message: `The embedded snapshot cannot be read: ${path}.`,
    hint: "Install @spacex-etl/spacex-simulator again.",
    cause,
  });
}
