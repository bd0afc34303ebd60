import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { EtlError } from "@spacex-etl/contracts/errors";
import { changedBody, otherBytes } from "../remote/index.ts";
import { workFolderError } from "../store/read.ts";
import { peer } from "./connection.ts";
import type { Creation, Ended } from "./creation.ts";
import { objectFields } from "./fields.ts";
import { headObject } from "./head.ts";
import { MIB, MIN_PART_BYTES } from "./options.ts";
import { partRequests, UploadEnded } from "./part-requests.ts";
import type { Requests } from "./requests.ts";
import { turns } from "./turns.ts";

const PART_BYTES = 8 * MIB;
/** The limit of S3. */
const MAX_PARTS = 10_000;
/** Of the parts of one upload that are under way together; a part may be larger alone. */
const MEMORY_BYTES = 32 * MIB;

export interface PartPlan {
  readonly partBytes: number;
  /** Parts under way together. */
  readonly parallel: number;
}

/** Parts that fit the object into the limits: they grow beyond 8 MiB only where there would be more than 10,000. */
export function planParts(bytes: number, multipartBytes: number): PartPlan {
  const usual = Math.max(MIN_PART_BYTES, Math.min(PART_BYTES, Math.floor(multipartBytes / 2)));
  const least = Math.ceil(bytes / MAX_PARTS / MIB) * MIB;
  const partBytes = Math.max(usual, least);
  return { partBytes, parallel: Math.max(1, Math.min(4, Math.floor(MEMORY_BYTES / partBytes))) };
}

/**
 * Uploads large objects: the SDK's `Upload` cuts them and keeps the order, and its requests go the way of all others, so
 * that every part is retried alone. One object at a time, which bounds the memory of a store.
 */
export function partsUploader(requests: Requests): (creation: Creation) => Promise<Ended> {
  const inTurn = turns();
  const { settings } = requests;

  async function upload(creation: Creation): Promise<Ended> {
    const { key, name, bytes, options } = creation;
    // The name is refused only when all parts are there.
    if ((await headObject(requests, key, name, { signal: options.signal })) !== undefined)
      return { outcome: creation.unsure ? "unclear" : "taken", checksum: undefined };
    const { Upload } = await peer("@aws-sdk/lib-storage", () => import("@aws-sdk/lib-storage"));
    const { client, checksum, end } = await partRequests(requests, creation, () => content.assertKnown());
    // Opened last: a stream that fails while nobody listens ends the process.
    const content = contentOf(creation);
    const { partBytes, parallel } = planParts(bytes, settings.multipartBytes);
    const work = new Upload({
      client,
      params: {
        ...objectFields(settings, options),
        Key: name,
        Body: content.body,
        ContentLength: bytes,
        ChecksumAlgorithm: "SHA256",
        MpuObjectSize: bytes,
        IfNoneMatch: "*",
      },
      partSize: partBytes,
      queueSize: parallel,
    });
    try {
      await work.done();
      return { outcome: "created", checksum: checksum() };
    } catch (error) {
      if (error instanceof UploadEnded) return { outcome: error.outcome, checksum: checksum() };
      options.signal?.throwIfAborted();
      await assertUnchanged(creation, error);
      throw workFolderError(error);
    } finally {
      if (!(content.body instanceof Uint8Array)) content.body.destroy();
      end();
    }
  }

  return (creation) => inTurn(() => upload(creation), creation.options.signal);
}

interface Content {
  readonly body: Uint8Array | ReturnType<typeof createReadStream>;
  /** To be called when all of the body was taken. @throws EtlError where it is not what the caller knows of it */
  assertKnown(): void;
}

/** S3 knows the digests of parts only, which are computed here; that of the whole is the caller's. */
function contentOf({ key, body, bytes, options: { sha256 } }: Creation): Content {
  const hash = sha256 === undefined ? undefined : createHash("sha256");
  const assertKnown = (): void => {
    if (hash !== undefined && hash.digest("hex") !== sha256) throw otherBytes(key);
  };
  if (body instanceof Uint8Array) {
    hash?.update(body);
    return { body, assertKnown };
  }
  const stream = createReadStream(body.file, { highWaterMark: MIB, end: bytes - 1 });
  if (hash !== undefined) stream.on("data", (piece) => hash.update(piece)).pause();
  return { body: stream, assertKnown };
}

async function assertUnchanged({ key, body, bytes }: Creation, cause: unknown): Promise<void> {
  if (body instanceof Uint8Array || EtlError.isInstance(cause)) return;
  const now = await stat(body.file).catch(() => undefined);
  if (now?.size === bytes) return;
  throw changedBody(`The file to be uploaded as ${key} was changed meanwhile.`, key, cause);
}
