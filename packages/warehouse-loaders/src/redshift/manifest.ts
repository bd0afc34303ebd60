import { EtlError } from "@spacex-etl/contracts";
import { hash } from "node:crypto";
import type { LoadTable } from "../loader/load-request.ts";

/** The manifest of one COPY. */
export interface CopyManifest {
  /** Named by its content, so that whoever finds it there needs to write nothing. */
  readonly key: string;
  readonly body: Uint8Array;
}

/**
 * Which files COPY reads: all of them must be there, in the size that the lake's manifest says.
 *
 * @see https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
 * @throws EtlError PART_URI of kind `usage` for a part that is not in S3
 */
export function copyManifest(runId: string, { spec, parts }: LoadTable): CopyManifest {
  const entries = parts.map(({ uri, bytes }) => {
    if (!/^s3:\/\/[^/]+\/./.test(uri)) {
      throw new EtlError({
        kind: "usage",
        code: "PART_URI",
        message: `Redshift reads parts from S3; ${uri} of table ${spec.name} is not there.`,
        hint: "Use a lake in S3 (s3://bucket/prefix) with a Redshift warehouse.",
      });
    }
    return { url: uri, mandatory: true, meta: { content_length: bytes } };
  });
  const text = `${JSON.stringify({ entries }, null, 2)}\n`;
  const name = `${spec.name}-${hash("sha256", text).slice(0, 16)}.manifest`;
  return { key: `copy/run=${runId}/${name}`, body: new TextEncoder().encode(text) };
}
