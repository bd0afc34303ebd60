import { createCipheriv } from "node:crypto";

/** Sent in three parts to S3, or in a session that can be resumed to GCS. */
export const LARGE_BYTES = 12 * 1024 * 1024;

/** The same bytes in every process, and none of them like its neighbours. */
export function largeBody(): Buffer {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16, 1), Buffer.alloc(16)).update(
    Buffer.alloc(LARGE_BYTES),
  );
}
