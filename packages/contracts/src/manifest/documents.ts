import { z } from "zod";
import { EtlError } from "../errors/etl-error.ts";
import { MANIFEST_VERSION } from "./manifest.ts";

/** The bytes of a document: JSON, indented so that a person can read it, with a final newline. */
export function encodeDocument(document: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(document, null, 2)}\n`);
}

/**
 * Reads a document of the lake.
 *
 * @throws EtlError of kind `schema` for a newer version, of kind `integrity` for anything else that does not fit.
 */
export function decodeDocument<T>(schema: z.ZodType<T>, bytes: Uint8Array, path: string): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damaged(path, "it is not JSON", cause);
  }
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version > MANIFEST_VERSION) {
    throw new EtlError({
      kind: "schema",
      code: "MANIFEST_NEWER",
      message: `${path} has version ${version}; this program reads up to version ${MANIFEST_VERSION}.`,
      hint: "It was written by a newer spacex-etl: upgrade this one.",
    });
  }
  // Without `jitless` zod makes a function of every object's schema first: longer than all checks of a small run take.
  const parsed = schema.safeParse(value, { jitless: true });
  if (!parsed.success) throw damaged(path, z.prettifyError(parsed.error).replaceAll("\n", " "), undefined);
  return parsed.data;
}

function damaged(path: string, problem: string, cause: unknown): EtlError {
  return new EtlError({
    kind: "integrity",
    code: "MANIFEST_DAMAGED",
    message: `${path} is not a valid document of the lake: ${problem}`,
    hint: "Restore it from a backup, or run again under a new run id.",
    cause,
  });
}
