import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { EtlError } from "@spacex-etl/contracts";
import type { ObjectBody } from "../store/object-store.ts";
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
    const { key, name, body, bytes, options } = creation;
    // The name is refused only when all parts are there.
    if ((await headObject(requests, key, name, { signal: options.signal })) !== undefined)
      return { outcome: "taken", checksum: "" };
    const { Upload } = await peer("@aws-sdk/lib-storage", () => import("@aws-sdk/lib-storage"));
    const { client, checksum, end } = await partRequests(requests, creation);
    const { partBytes, parallel } = planParts(bytes, settings.multipartBytes);
    const content = contentOf(body, bytes);
    const work = new Upload({
      client,
      params: {
        ...objectFields(settings, options),
        Key: name,
        Body: content,
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
      if (!(content instanceof Uint8Array)) content.destroy();
      end();
    }
  }

  return (creation) => inTurn(() => upload(creation), creation.options.signal);
}

function contentOf(body: ObjectBody, bytes: number): Uint8Array | ReturnType<typeof createReadStream> {
  if (body instanceof Uint8Array) return body;
  return createReadStream(body.file, { highWaterMark: MIB, end: bytes - 1 });
}

async function assertUnchanged({ key, body, bytes }: Creation, cause: unknown): Promise<void> {
  if (body instanceof Uint8Array || EtlError.isInstance(cause)) return;
  const now = await stat(body.file).catch(() => undefined);
  if (now?.size === bytes) return;
  throw new EtlError({
    kind: "integrity",
    code: "OBJECT_CHECKSUM",
    message: `The file to be uploaded as ${key} was changed meanwhile.`,
    hint: "Something else writes to the folder for temporary files. Run the same command again.",
    cause,
    details: { path: key },
  });
}
