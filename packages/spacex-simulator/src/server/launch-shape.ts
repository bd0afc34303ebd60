import { memberValue, splice } from "../data/index.ts";

const EMPTY_ARRAY = 2;

/**
 * A launch of version 5 in the shape of version 4, where `crew` is an array of ids. Every other byte stays as it is.
 */
export function asVersion4(record: Uint8Array): Uint8Array {
  const range = memberValue(record, "crew");
  if (range === undefined || range.end - range.start === EMPTY_ARRAY) return record;
  const crew: unknown = JSON.parse(Buffer.from(record.subarray(range.start, range.end)).toString());
  if (!Array.isArray(crew)) return record;
  const ids = crew.map((seat: unknown) =>
    // A seat without a person stays a seat.
    typeof seat === "object" && seat !== null && "crew" in seat ? (seat.crew ?? seat) : seat,
  );
  return splice(record, range, Buffer.from(JSON.stringify(ids)));
}
