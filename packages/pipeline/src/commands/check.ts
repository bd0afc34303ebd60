import { EXIT_CODES, toEtlError } from "@spacex-etl/contracts";

/** One thing that `doctor` tried. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint?: string | undefined;
  /** What has to be allowed for it, by the name that a policy gives it. */
  readonly permission?: string | undefined;
  readonly exitCode: number;
}

export function passed(name: string, detail: string): Check {
  return { name, ok: true, detail, exitCode: EXIT_CODES.ok.exitCode };
}

export function failed(name: string, error: unknown): Check {
  const { message, hint, exitCode } = toEtlError(error);
  return { name, ok: false, detail: message, hint, exitCode };
}
