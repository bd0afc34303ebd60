import { EXIT_CODES, type ErrorKind } from "./exit-codes.ts";

const BRAND = Symbol.for("spacex-etl.error");

/** What an `EtlError` is made of. */
export interface EtlErrorOptions {
  readonly kind: ErrorKind;
  /** Stable, upper-case, for programs: `PART_CHECKSUM`, `WAREHOUSE_LOCKED`. */
  readonly code: string;
  /** What happened and where, in one sentence. */
  readonly message: string;
  /** What a person can do next. */
  readonly hint?: string | undefined;
  /** Overrides the default of the kind, see {@link EXIT_CODES}. */
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
  /** Facts for logs; never a secret. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** The only error class that crosses a package boundary. It carries the decision, not only the message. */
export class EtlError extends Error {
  override readonly name: string = "EtlError";
  readonly kind: ErrorKind;
  readonly code: string;
  readonly exitCode: number;
  readonly retryable: boolean;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly [BRAND] = true;

  constructor(options: EtlErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    const defaults = EXIT_CODES[options.kind];
    this.kind = options.kind;
    this.code = options.code;
    this.exitCode = defaults.exitCode;
    this.retryable = options.retryable ?? defaults.retryable;
    this.hint = options.hint;
    this.details = options.details;
  }

  /** True for an `EtlError` of any installed copy of this package, where `instanceof` would be false. */
  static isInstance(error: unknown): error is EtlError {
    return typeof error === "object" && error !== null && BRAND in error;
  }
}

/** Any thrown value as an `EtlError`: itself, or a `bug` (exit code 70) with the original as its cause. */
export function toEtlError(error: unknown): EtlError {
  if (EtlError.isInstance(error)) return error;
  return new EtlError({
    kind: "bug",
    code: "UNEXPECTED",
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    hint: "This should not happen. Please report it with the command and the output of `spacex-etl doctor`.",
    cause: error,
  });
}
