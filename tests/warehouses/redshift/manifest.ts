import { GetObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { LoadError, spectrumError } from "./load-error.ts";

/** A part of a COPY, fetched. */
export interface Part {
  /** `s3://…`. */
  readonly url: string;
  readonly path: string;
}

const MANIFEST = z.object({
  entries: z
    .array(
      z.object({
        url: z.string(),
        mandatory: z.boolean().default(false),
        meta: z.object({ content_length: z.number().int().nonnegative() }),
      }),
    )
    .min(1),
});

/**
 * Fetches the parts of a manifest into a folder. Every entry needs `meta.content_length`, as COPY demands for columnar
 * files, and the object must have that size; a missing object is an error when it is mandatory, or when none is left.
 */
export async function fetchParts(
  client: S3Client,
  manifestUrl: string,
  folder: string,
  query: number,
): Promise<readonly Part[]> {
  const text = await (await open(client, manifestUrl, query)).body.toArray();
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(text.map((chunk) => Buffer.from(chunk as Uint8Array))).toString());
  } catch {
    throw manifestError(`${manifestUrl} is not JSON`, query);
  }
  const manifest = MANIFEST.safeParse(json);
  if (!manifest.success)
    throw manifestError(
      manifest.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
      query,
    );
  const parts: Part[] = [];
  for (const [n, entry] of manifest.data.entries.entries()) {
    const path = join(folder, `${n}.parquet`);
    let object: Awaited<ReturnType<typeof open>>;
    try {
      object = await open(client, entry.url, query);
    } catch (error) {
      if (error instanceof LoadError && error.missing && !entry.mandatory) continue;
      throw error;
    }
    let bytes = 0;
    object.body.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length;
    });
    await pipeline(object.body, createWriteStream(path));
    if (bytes !== entry.meta.content_length)
      throw spectrumError(
        `The size of the file does not match content_length of the manifest. Manifest: ${entry.meta.content_length}, File: ${bytes}, File name: ${entry.url}`,
        query,
        { fileName: entry.url },
      );
    parts.push({ url: entry.url, path });
  }
  if (parts.length === 0) throw missing(manifestUrl, query);
  return parts;
}

async function open(client: S3Client, url: string, query: number): Promise<{ readonly body: Readable }> {
  const found = /^s3:\/\/([^/]+)\/(.+)$/.exec(url);
  if (found === null) throw manifestError(`${url} is not an S3 path`, query);
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: found[1], Key: found[2] }));
    if (!(Body instanceof Readable)) throw new Error(`${url} has no body`);
    return { body: Body };
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    const status = error.$metadata.httpStatusCode;
    if (status === 404) throw missing(url, query);
    throw new LoadError(
      `S3ServiceException:${error.message},Status ${status},Error ${error.name},Rid 0`,
      8001,
      `Failed to read ${url}`,
      query,
    );
  }
}

function missing(url: string, query: number): LoadError {
  return new LoadError(
    "S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey,Rid 0",
    8001,
    `Failed to read ${url}`,
    query,
    { fileName: url, missing: true },
  );
}

function manifestError(context: string, query: number): LoadError {
  return new LoadError("Manifest file is not in correct json format", 8001, context, query);
}
