import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { ApiError, invalid, notFound } from "./api-error.ts";

/** A source of a load job, on the local disk. */
export interface SourceFile {
  readonly uri: string;
  readonly path: string;
  readonly bytes: number;
}

export interface SourceFiles extends AsyncDisposable {
  readonly files: readonly SourceFile[];
}

const listing = z.object({
  items: z.array(z.object({ name: z.string() })).optional(),
  nextPageToken: z.string().optional(),
});

/**
 * Fetches all objects of a load job, or writes the bytes that were uploaded with it.
 *
 * @param gcsEndpoint The GCS test server; without it every `gs://` URI is missing.
 * @throws ApiError `notFound` for an object or pattern without match, `invalid` for a URI that is none.
 */
export async function fetchSources(
  uris: readonly string[],
  upload: Buffer | null,
  gcsEndpoint: string | undefined,
): Promise<SourceFiles> {
  const folder = await mkdtemp(join(tmpdir(), "bigquery-load-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const files: SourceFile[] = [];
    const save = async (uri: string, bytes: Buffer): Promise<void> => {
      const path = join(folder, `${files.length}.parquet`);
      await writeFile(path, bytes);
      files.push({ uri, path, bytes: bytes.length });
    };
    if (upload !== null) await save("uploaded file", upload);
    for (const uri of await expand(uris, gcsEndpoint)) await save(uri, await download(uri, gcsEndpoint));
    return { files, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function parts(uri: string): { readonly bucket: string; readonly object: string } {
  const match = /^gs:\/\/([^/]+)\/(.+)$/s.exec(uri);
  if (match === null) throw invalid(`Source URI must be a Google Cloud Storage location: ${uri}`, uri);
  return { bucket: match[1]!, object: match[2]! };
}

/** One `*` per URI, which also matches slashes. */
async function expand(uris: readonly string[], endpoint: string | undefined): Promise<string[]> {
  const expanded: string[] = [];
  for (const uri of uris) {
    const { bucket, object } = parts(uri);
    const [prefix, suffix, more] = object.split("*");
    if (more !== undefined) throw invalid(`Only one wildcard is supported per URI: ${uri}`, uri);
    if (suffix === undefined) {
      expanded.push(uri);
      continue;
    }
    const names = await list(bucket, prefix!, endpoint);
    const found = names.filter(
      (name) => name.endsWith(suffix) && name.length >= prefix!.length + suffix.length,
    );
    if (found.length === 0) throw missing(uri);
    expanded.push(...found.map((name) => `gs://${bucket}/${name}`));
  }
  return expanded;
}

async function list(bucket: string, prefix: string, endpoint: string | undefined): Promise<string[]> {
  const names: string[] = [];
  let pageToken: string | undefined;
  do {
    const query = new URLSearchParams({ prefix, ...(pageToken === undefined ? {} : { pageToken }) });
    const response = await get(
      `/storage/v1/b/${encodeURIComponent(bucket)}/o?${query}`,
      `gs://${bucket}/${prefix}`,
      endpoint,
    );
    const page = listing.parse(await response.json());
    names.push(...(page.items ?? []).map(({ name }) => name));
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined && pageToken !== "");
  return names;
}

async function download(uri: string, endpoint: string | undefined): Promise<Buffer> {
  const { bucket, object } = parts(uri);
  const path = `/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(object)}?alt=media`;
  return Buffer.from(await (await get(path, uri, endpoint)).arrayBuffer());
}

async function get(path: string, uri: string, endpoint: string | undefined): Promise<Response> {
  if (endpoint === undefined) throw missing(uri);
  const response = await fetch(`${endpoint}${path}`);
  if (response.status === 404) throw missing(uri);
  if (!response.ok)
    throw new ApiError(503, "backendError", `Cloud Storage answered ${response.status} for ${uri}`, uri);
  return response;
}

function missing(uri: string): ApiError {
  const { message, reason, status } = notFound(`URI ${uri}`);
  return new ApiError(status, reason, message, uri);
}
