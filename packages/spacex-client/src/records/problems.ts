import { EtlError } from "@spacex-etl/contracts/errors";
import type { Phase } from "./scan-state.ts";

const CHECK_ADDRESS = "Check that the address is the SpaceX API's, without /v4.";
const TRY_AGAIN = "Try again later; if it stays, look at the answer with curl.";

/** The text does not begin as it must: a page of HTML, a plain text, or JSON of another kind. */
export function notTheShape(
  expected: { readonly shape: "array" | "object"; readonly from: string },
  chunk: Uint8Array,
  position: number,
): EtlError {
  const byte = chunk[position]!;
  if (byte === 0x3c) {
    return new EtlError({
      kind: "source",
      code: "SOURCE_NOT_JSON",
      message: `${expected.from} answered a page of HTML instead of JSON: it comes from something in front of the API.`,
      hint: TRY_AGAIN,
    });
  }
  const isJson = byte === 0x7b || byte === 0x5b;
  const wanted = expected.shape === "array" ? "a JSON array" : "a JSON object";
  return new EtlError({
    kind: "source",
    code: isJson ? "SOURCE_SHAPE" : "SOURCE_NOT_JSON",
    message: `${expected.from} did not answer ${wanted}; the answer begins with ${excerpt(chunk, position)}.`,
    hint: isJson ? CHECK_ADDRESS : TRY_AGAIN,
    retryable: !isJson,
  });
}

export function notAnObject(from: string, chunk: Uint8Array, position: number, consumed: number): EtlError {
  return new EtlError({
    kind: "source",
    code: "SOURCE_NOT_AN_OBJECT",
    message: `${from} sent an array with something other than an object at byte ${consumed + position}: ${excerpt(chunk, position)}.`,
    hint: CHECK_ADDRESS,
    retryable: false,
  });
}

export function trailingBytes(from: string, chunk: Uint8Array, position: number, consumed: number): EtlError {
  return new EtlError({
    kind: "source",
    code: "SOURCE_TRAILING_BYTES",
    message: `${from} sent bytes after a record that do not belong there, at byte ${consumed + position}: ${excerpt(chunk, position)}.`,
    hint: TRY_AGAIN,
  });
}

export function truncated(from: string, consumed: number, phase: Phase): EtlError {
  const where =
    phase === "start"
      ? "before the first record"
      : phase === "record"
        ? "inside a record"
        : "inside the list";
  return new EtlError({
    kind: "source",
    code: "SOURCE_TRUNCATED",
    message:
      consumed === 0 ? `${from} answered nothing.` : `${from} was cut off ${where}, after ${consumed} bytes.`,
    hint: TRY_AGAIN,
  });
}

export function tooLarge(from: string, start: number, limit: number): EtlError {
  return new EtlError({
    kind: "source",
    code: "SOURCE_RECORD_TOO_LARGE",
    message: `${from} sent a record of more than ${limit} bytes, which begins at byte ${start}.`,
    hint: "If the record is in order, raise maxRecordBytes.",
    retryable: false,
  });
}

/** A few bytes as text in quotes, for a message. */
function excerpt(chunk: Uint8Array, position: number): string {
  const text = new TextDecoder().decode(chunk.subarray(position, position + 40));
  return JSON.stringify(text);
}
