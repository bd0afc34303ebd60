export { EXIT_CODES, type ErrorKind, type ExitCode } from "./exit-codes.ts";
export { EtlError, type EtlErrorOptions, toEtlError } from "./etl-error.ts";
