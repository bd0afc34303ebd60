import { createHash, randomBytes } from "node:crypto";
import type { S3StoreOptions } from "../src/s3/index.ts";
import { type Answer, type Asked, xml } from "./scripted-s3.ts";
import { type ScriptedStore, scriptedStore } from "./scripted-store.ts";

const MIB = 1024 * 1024;
/** Three parts, the last of them short. */
export const LARGE = randomBytes(11 * MIB);
const completed = xml(
  "<CompleteMultipartUploadResult><ETag>&quot;e-3&quot;</ETag></CompleteMultipartUploadResult>",
);

/** What a request is about. */
export function kindOf({ method, query }: Asked): string {
  if (method === "POST") return query.has("uploads") ? "begin" : "complete";
  if (method === "PUT") return `part ${query.get("partNumber")}`;
  return method === "DELETE" ? "abort" : method.toLowerCase();
}

/** A store that sends {@link LARGE} in three parts. Its server answers as S3 does where the script says nothing; `before` counts requests of the same kind. */
export async function scriptedUpload(
  script: (kind: string, before: number, asked: Asked) => Answer | undefined,
  options: Pick<S3StoreOptions, "requesterPays" | "expectedBucketOwner"> = {},
): Promise<ScriptedStore & { readonly seen: readonly string[] }> {
  const seen: string[] = [];
  const scripted = await scriptedStore(
    (asked) => {
      const kind = kindOf(asked);
      const before = seen.filter((other) => other === kind).length;
      seen.push(kind);
      const answer = script(kind, before, asked);
      if (answer !== undefined) return answer;
      if (kind === "head") return { status: 404 };
      if (kind === "begin")
        return xml(
          `<InitiateMultipartUploadResult><UploadId>id${before + 1}</UploadId></InitiateMultipartUploadResult>`,
        );
      if (kind === "complete") return completed;
      if (kind === "abort") return { status: 204 };
      return { headers: { etag: `"${kind}"` } };
    },
    { multipartBytes: 5 * MIB, ...options },
  );
  return { ...scripted, seen };
}

/** SHA-256. */
export const digest = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
/** The parts. */
export const cuts = [LARGE.subarray(0, 5 * MIB), LARGE.subarray(5 * MIB, 10 * MIB), LARGE.subarray(10 * MIB)];
/** The checksum that S3 keeps of the whole. */
export const composite = `${digest(Buffer.concat(cuts.map(digest))).toString("base64")}-3`;
