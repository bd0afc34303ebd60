import { EtlError } from "@spacex-etl/contracts/errors";
import { type Attempt, type FailedAttempt, plainCause } from "../remote/index.ts";
import { type FailureFacts, GcsFailure } from "./failure.ts";
import { meaningOf } from "./meaning.ts";
import { described, type Scene } from "./scene.ts";

/** What to make of an attempt's error: tried again or not, and what is thrown in the end. */
export function classify(error: unknown, attempt: Attempt, scene: Scene): FailedAttempt {
  if (!(error instanceof GcsFailure)) {
    return {
      error,
      retry: false,
      ambiguous: false,
      reason: error instanceof Error ? error.message : String(error),
    };
  }
  const { facts, message } = error;
  const { retry, ...known } = meaningOf(facts, message, scene);
  const status = facts.step === "network" ? undefined : facts.status;
  const reason = facts.step === "answer" ? facts.reason : facts.code;
  return {
    error: new EtlError({
      ...known,
      message: `Cannot ${described(scene)}: ${facts.step === "token" ? "no access token: " : ""}${message}.`,
      cause: plainCause({ name: "GcsError", message }, { status, reason }),
      details: {
        path: scene.key,
        ...(reason === undefined ? {} : { reason }),
        ...(status === undefined ? {} : { status }),
      },
    }),
    retry: typeof retry === "number" ? attempt.number < retry : retry,
    ambiguous: mayHaveActed(facts),
    afterMs: facts.step === "answer" ? facts.afterMs : undefined,
    reason: message,
  };
}

function mayHaveActed(facts: FailureFacts): boolean {
  if (facts.step === "token") return false;
  if (facts.step === "answer") return facts.status === 408 || facts.status >= 500;
  return !/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/.test(facts.code ?? "");
}
