import { EtlError } from "@spacex-etl/contracts/errors";
import { nearestName } from "../names/index.ts";

/** Whose option it is: the client's, or of a single call. */
export type OptionOf = "client" | "call";

/** Longest time that timers of all run-times take, in milliseconds (2^31 − 1). */
export const MAX_TIMER_MS = 2_147_483_647;

/** An `EtlError` of kind `usage`, code `CLIENT_OPTION` or `CALL_OPTION`. */
export function invalidOption(of: OptionOf, problem: string, hint: string): EtlError {
  return new EtlError({
    kind: "usage",
    code: of === "client" ? "CLIENT_OPTION" : "CALL_OPTION",
    message: `The ${of} option ${problem}.`,
    hint,
  });
}

/** Refuses what is no object, and keys that are not known: a misspelt option would silently do nothing. */
export function checkKeys(of: OptionOf, options: object, known: readonly string[], inside = ""): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw inside === ""
      ? new EtlError({
          kind: "usage",
          code: of === "client" ? "CLIENT_OPTION" : "CALL_OPTION",
          message: `The options of the ${of} are no object.`,
          hint: `Known are ${known.join(", ")}.`,
        })
      : invalidOption(of, `${inside.slice(0, -1)} is no object`, `It has ${known.join(", ")}.`);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    throw invalidOption(
      of,
      `${inside}${key} does not exist`,
      nearest === undefined ? `Known are ${known.join(", ")}.` : `Did you mean ${inside}${nearest}?`,
    );
  }
}

export function checkFunction(of: OptionOf, name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function")
    throw invalidOption(of, `${name} is no function`, `It is ${typeof value}.`);
}

export function checkedTimeout(of: OptionOf, timeout: number): number {
  if (typeof timeout === "number" && timeout >= 1 && timeout <= MAX_TIMER_MS) return timeout;
  throw invalidOption(
    of,
    `timeout is ${String(timeout)}`,
    `It is a number of milliseconds from 1 to ${MAX_TIMER_MS}.`,
  );
}

export function checkedSignal(of: OptionOf, signal: AbortSignal | undefined): AbortSignal | undefined {
  if (
    signal === undefined ||
    (typeof signal === "object" && signal !== null && typeof signal.addEventListener === "function")
  )
    return signal;
  throw invalidOption(of, "signal is no AbortSignal", "Pass controller.signal, not the controller.");
}

/** What the client sets itself: another value would make the API misread a query or the client misread an answer. */
const RESERVED_HEADERS = [
  "content-type",
  "content-length",
  "transfer-encoding",
  "if-none-match",
  "if-match",
  "range",
];

/** Values never reach a message: they may be secrets. */
export function checkedHeaders(of: OptionOf, headers: ConstructorParameters<typeof Headers>[0]): Headers {
  let result: Headers;
  try {
    result = new Headers(headers);
  } catch {
    // The cause is left out: its message holds the value.
    throw invalidOption(of, "headers has a name or value that HTTP does not allow", "Check their spelling.");
  }
  const reserved = RESERVED_HEADERS.find((name) => result.has(name));
  if (reserved === undefined) return result;
  throw invalidOption(of, `headers has ${reserved}, which is the client's own`, "Leave it out.");
}
