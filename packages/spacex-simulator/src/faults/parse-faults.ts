import { EtlError } from "@spacex-etl/contracts/errors";
import { type Fault, FAULT_PROFILES, type FaultKind } from "./fault.ts";

const DEFAULT_LATENCY_MS = 200;

/**
 * Reads fault profiles as a person writes them: `429:2,reset,latency:50`.
 *
 * @throws EtlError of kind `usage` that names the profile.
 */
export function parseFaults(text: string): Fault[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(parseFault);
}

function parseFault(text: string): Fault {
  const [name = "", argument, ...rest] = text.split(":");
  const kind = FAULT_PROFILES.find((profile) => profile.kind === name)?.kind;
  if (kind === undefined || rest.length > 0) throw invalid(text, "is not known");
  if (kind === "down") {
    if (argument !== undefined) throw invalid(text, "takes no number");
    return { kind };
  }
  if (kind === "latency") {
    return { kind, ms: argument === undefined ? DEFAULT_LATENCY_MS : wholeNumber(argument, text) };
  }
  return counted(kind, text, argument);
}

function counted(kind: Exclude<FaultKind, "latency" | "down">, text: string, argument?: string): Fault {
  if (argument === undefined) return { kind, count: 1 };
  if (argument === "all") return { kind, count: Number.POSITIVE_INFINITY };
  return { kind, count: wholeNumber(argument, text) };
}

function wholeNumber(argument: string, text: string): number {
  const value = Number(argument);
  if (!/^\d+$/.test(argument) || !Number.isSafeInteger(value)) {
    throw invalid(text, `needs a whole number after the colon, not ${JSON.stringify(argument)}`);
  }
  return value;
}

function invalid(text: string, problem: string): EtlError {
  return new EtlError({
    kind: "usage",
    code: "FAULT_UNKNOWN",
    message: `The fault profile ${JSON.stringify(text)} ${problem}.`,
    hint: `Use ${FAULT_PROFILES.map((profile) => profile.usage).join(", ")}; several with commas between them.`,
  });
}
