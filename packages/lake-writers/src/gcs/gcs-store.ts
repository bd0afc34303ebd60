import { EtlError } from "@spacex-etl/contracts/errors";
import { bucketPath, retrying, type RunningAttempt } from "../remote/index.ts";
import { objectNotFound } from "../store/object-not-found.ts";
import type { CreateOptions, ObjectBody, ObjectInfo, ObjectStore } from "../store/object-store.ts";
import { connect, type GcsRequest } from "./connection.ts";
import { download } from "./download.ts";
import { classify } from "./errors.ts";
import { GcsFailure } from "./failure.ts";
import { gcsSettings, type GcsStoreOptions } from "./options.ts";
import { drain, type GcsReply, readDocument, readFailure } from "./reply.ts";
import { type Action, described, PERMISSIONS } from "./scene.ts";
import { isSame, openSource, type Resource, type Source } from "./source.ts";
import { resumableUpload, simpleUpload } from "./upload.ts";

/**
 * A lake in a bucket of Google Cloud Storage, through `@google-cloud/storage` (an optional peer, imported with the
 * first request). Objects are created with the precondition that there is none, and with a checksum that the service
 * compares with what arrived. Listing is strongly consistent (https://cloud.google.com/storage/docs/consistency).
 *
 * The account needs `storage.objects.list`, `.create`, `.get`, and for `gc` `.delete`.
 *
 * @throws EtlError of kind `usage` for options that cannot work; the calls: `auth` (`LAKE_AUTH`, `LAKE_PERMISSION`,
 * `LAKE_CLOCK_SKEW`), `busy` (`LAKE_BUSY`), `destination` (`LAKE_BUCKET_MISSING`, `LAKE_UNREACHABLE`, `LAKE_REFUSED`),
 * `integrity` (`OBJECT_CHECKSUM`, `OBJECT_NOT_FOUND`)
 */
export function gcsStore(options: GcsStoreOptions): ObjectStore {
  const settings = gcsSettings(options);
  const { bucket, deadlineMs, resumableBytes, userProject, onRetry } = settings;
  const path = bucketPath(settings.prefix);
  const url = `gs://${bucket}${path.prefix === "" ? "" : `/${path.prefix}`}`;
  const connection = connect(settings);
  let answered = false;
  const objects = `/storage/v1/b/${encodeURIComponent(bucket)}/o`;

  async function send(request: GcsRequest): Promise<GcsReply> {
    const answer = await connection(request);
    answered = true;
    return answer;
  }

  function withQuery(base: string, query: Readonly<Record<string, string | undefined>>): string {
    const given = Object.entries({ ...query, userProject }).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    );
    return given.length === 0 ? base : `${base}?${new URLSearchParams(given)}`;
  }

  function attempting<T>(
    action: Action,
    key: string,
    signal: AbortSignal | undefined,
    work: (attempt: RunningAttempt) => Promise<T>,
  ): Promise<T> {
    const scene = { action, key, bucket, url };
    return retrying(described(scene), work, {
      deadlineMs,
      signal,
      onRetry,
      classify: (error, attempt) => classify(error, attempt, { ...scene, answered }),
    });
  }

  /** A document of the API, or nothing where there is no such object. */
  async function ask(request: GcsRequest): Promise<Readonly<Record<string, unknown>> | undefined> {
    const answer = await send(request);
    if (answer.status >= 200 && answer.status < 300) return readDocument(answer);
    const failure = await readFailure(answer);
    if (answer.status === 404 && !bucketIsMissing(failure)) return undefined;
    throw failure;
  }

  function describe(name: string, signal: AbortSignal | undefined): Promise<Resource | undefined> {
    const fields = "name,size,timeCreated,md5Hash,crc32c";
    return ask({
      method: "GET",
      url: withQuery(`${objects}/${encodeURIComponent(name)}`, { fields }),
      signal,
    });
  }

  async function createIfAbsent(
    key: string,
    body: ObjectBody,
    create: CreateOptions = {},
  ): Promise<"created" | "exists"> {
    const name = path.nameOf(key);
    const { signal } = create;
    signal?.throwIfAborted();
    const source = await openSource(body, { key, sha256: create.sha256, signal });
    try {
      const upload = { key, name, source, options: create };
      const begin = source.bytes > resumableBytes ? resumableUpload : simpleUpload;
      const tryOnce = begin(send, upload, settings);
      await settings.checkpoint(`sending ${key}`);
      const outcome = await attempting("create", key, signal, async (attempt) => {
        const answer = await tryOnce(attempt);
        if (answer.status === 412) {
          const failure = await readFailure(answer);
          if (!isTaken(failure)) throw failure;
          // It may be the object of an earlier attempt, whose answer was lost.
          if (!attempt.ambiguous) return "exists";
          const found = await describe(name, signal);
          return found !== undefined && (await isSame(found, source)) ? "created" : "exists";
        }
        await assertWhole(await created(answer), source, key, url);
        return "created";
      });
      if (outcome === "created") await settings.checkpoint(`created ${key}`);
      return outcome;
    } finally {
      await source.close();
    }
  }

  async function* list(prefix: string, signal: AbortSignal | undefined): AsyncGenerator<ObjectInfo> {
    const query = {
      prefix: path.nameOfPrefix(prefix) || undefined,
      maxResults: "1000",
      fields: "items(name,size,timeCreated),nextPageToken",
    };
    let pageToken: string | undefined;
    do {
      const address = withQuery(objects, { ...query, pageToken });
      const page = await attempting("list", prefix, signal, async () => {
        const answer = await send({ method: "GET", url: address, signal });
        if (answer.status !== 200) throw await readFailure(answer);
        return readDocument(answer);
      });
      for (const item of Array.isArray(page["items"]) ? (page["items"] as Resource[]) : []) {
        const key = path.keyOf(String(item.name));
        if (isKey(key)) yield infoOf(key, item);
      }
      const next = page["nextPageToken"];
      pageToken = typeof next === "string" && next !== "" ? next : undefined;
    } while (pageToken !== undefined);
  }

  /** Others may put objects beside ours, such as the empty ones that stand for folders. */
  function isKey(key: string): boolean {
    try {
      path.nameOf(key);
      return true;
    } catch {
      return false;
    }
  }

  async function* get(key: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const address = `${objects}/${encodeURIComponent(path.nameOf(key))}`;
    yield* download(
      async (from, generation) => {
        const answer = await send({
          method: "GET",
          url: withQuery(address, { alt: "media", generation }),
          headers: from === 0 ? {} : { range: `bytes=${from}-` },
          signal,
        });
        if (answer.status !== 404) return answer;
        const failure = await readFailure(answer);
        throw bucketIsMissing(failure) ? failure : objectNotFound(key, url);
      },
      (work) => attempting("read", key, signal, work),
    );
  }

  return {
    url,
    parallelCreates: 8,
    permissions: PERMISSIONS,
    createIfAbsent,
    get: (key, call) => get(key, call?.signal),
    list: (prefix, call) => list(prefix, call?.signal),
    async head(key, call) {
      const name = path.nameOf(key);
      const found = await attempting("read", key, call?.signal, () => describe(name, call?.signal));
      return found === undefined ? undefined : infoOf(key, found);
    },
    async delete(key, call) {
      const address = withQuery(`${objects}/${encodeURIComponent(path.nameOf(key))}`, {});
      await attempting("delete", key, call?.signal, async () => {
        const answer = await send({ method: "DELETE", url: address, signal: call?.signal });
        if (answer.status < 300) return drain(answer);
        const failure = await readFailure(answer);
        if (answer.status !== 404 || bucketIsMissing(failure)) throw failure;
      });
    },
  };
}

async function created(answer: GcsReply): Promise<Resource> {
  if (answer.status !== 200 && answer.status !== 201) throw await readFailure(answer);
  return readDocument(answer);
}

/** A policy of the organization refuses with the same status (https://cloud.google.com/storage/docs/json_api/v1/status-codes). */
function isTaken({ facts }: GcsFailure): boolean {
  return facts.step === "answer" && (facts.reason === undefined || facts.reason === "conditionNotMet");
}

function bucketIsMissing(failure: GcsFailure): boolean {
  return /bucket does not exist/i.test(failure.message);
}

/** The service has compared already; this shows one that does not. */
async function assertWhole(found: Resource, source: Source, key: string, url: string): Promise<void> {
  if (await isSame(found, source)) return;
  throw new EtlError({
    kind: "integrity",
    code: "OBJECT_CHECKSUM",
    message: `${key} in ${url} is not what was sent: ${Number(found.size)} of ${source.bytes} bytes, or another checksum.`,
    hint: "Delete the object, and look for what changes data between here and the service.",
    details: { path: key },
  });
}

function infoOf(key: string, { size, timeCreated }: Resource): ObjectInfo {
  return { key, bytes: Number(size), createdAt: new Date(String(timeCreated)) };
}
