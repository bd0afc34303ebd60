import { EtlError } from "@spacex-etl/contracts";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { LoadPart, LoadTable } from "../loader/load-request.ts";

/** The bytes of a table that lies on this machine, verified; undefined for one in the cloud. @throws EtlError PART_MISSING, PART_CHECKSUM. */
export async function localBytes(
  { parts }: LoadTable,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const [part] = parts;
  if (part === undefined || !isAbsolute(part.uri)) return undefined;
  const bytes = await readFile(part.uri, { signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw damaged(part, "PART_MISSING", `${part.uri} cannot be read (${code}).`, cause);
  });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== part.sha256) {
    throw damaged(
      part,
      "PART_CHECKSUM",
      `${part.uri} has the sha256 ${sha256.slice(0, 16)}…, the manifest says ${part.sha256.slice(0, 16)}….`,
      undefined,
    );
  }
  return bytes;
}

function damaged(part: LoadPart, code: string, message: string, cause: unknown): EtlError {
  return new EtlError({
    kind: "integrity",
    code,
    message,
    hint: "The run's files are not what its manifest says: verify the lake, then run again under a new run id.",
    details: { path: part.path },
    cause,
  });
}
