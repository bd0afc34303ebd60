import type { ProxyFault } from "../../harness/proxy-faults.ts";

const BUSY: ProxyFault = { kind: "busy", status: 503 };
/** Each of them once is survived by every call that it can happen to. */
export const FAULTS: readonly ProxyFault[] = [
  { kind: "reset-before" },
  { kind: "cut-upload" },
  { kind: "reset-after" },
  BUSY,
  { kind: "busy", status: 429, retryAfterSeconds: 1 },
  { kind: "stall" },
];

export function nameOf(fault: ProxyFault): string {
  return "status" in fault ? `${fault.kind} ${fault.status}` : fault.kind;
}

interface Ending {
  readonly errorKind: string;
  readonly code: string;
}

/** Faults that do not end, and how a call then does. */
export const ENDLESS_FAULTS: readonly (Ending & {
  readonly fault: ProxyFault;
  readonly what: string;
  /** Where the service's own words mean something else. */
  readonly gcs?: Ending;
  readonly s3?: Ending;
})[] = [
  {
    fault: { kind: "corrupt-upload" },
    what: "changed bytes",
    errorKind: "integrity",
    code: "OBJECT_CHECKSUM",
  },
  { fault: { kind: "reset-before" }, what: "resets", errorKind: "destination", code: "LAKE_UNREACHABLE" },
  { fault: { kind: "stall" }, what: "silence", errorKind: "destination", code: "LAKE_UNREACHABLE" },
  {
    fault: BUSY,
    what: "503",
    errorKind: "busy",
    code: "LAKE_BUSY",
    // A backend error there; too many requests are 429.
    gcs: { errorKind: "destination", code: "LAKE_UNREACHABLE" },
  },
  { fault: { kind: "busy", status: 429 }, what: "429", errorKind: "busy", code: "LAKE_BUSY" },
];
