import { EtlError, type ErrorKind, EXIT_CODES, toEtlError } from "@spacex-etl/contracts/errors";
import { type Environment, isSet, oneLine, type Style } from "../terminal/index.ts";

/** What to do when the error itself does not say. */
const NEXT: Readonly<Record<ErrorKind, string>> = {
  usage: "See `spacex-etl help`.",
  auth: "Check the credentials and their permissions; `spacex-etl doctor` tests them.",
  source: "Try again later: what is complete is not fetched again.",
  busy: "Try again later: what is complete is not done again.",
  schema: "Look at the difference; an incompatible change needs a decision by a person.",
  data: "Look at the records that were rejected.",
  destination: "Check space, permissions and connection; `spacex-etl doctor` tests them. Then run it again.",
  transform: "Look at dbt's messages above; the data are loaded, so `spacex-etl transform` is enough.",
  integrity: "`spacex-etl verify` shows what does not fit.",
  bug: "Please report it with the command and the output of `spacex-etl doctor`.",
  interrupted: "Run it again with the same run id: it continues where it stopped.",
  terminated: "Run it again with the same run id: it continues where it stopped.",
};

export interface FailureOptions {
  readonly style: Style;
  readonly env: Environment;
  /** A command that continues the run, where there is one. */
  readonly resume?: string | undefined;
}

/**
 * An error for people: what happened, where, what to do next, and under it the command that continues. The stack follows only for a bug, or with
 * `SPACEX_ETL_DEBUG=1`.
 */
export function renderFailure(thrown: unknown, { style, env, resume }: FailureOptions): string[] {
  const error = toEtlError(thrown);
  const lines = [
    `${style.bad(style.bold("error"))} ${oneLine(error.message)}`,
    `${style.dim("where")} ${whereOf(error)}`,
    `${style.dim(" next")} ${oneLine(error.hint ?? NEXT[error.kind])}`,
    ...(resume !== undefined && error.retryable ? [`      ${style.accent(resume)}`] : []),
  ];
  return error.kind === "bug" || isSet(env["SPACEX_ETL_DEBUG"])
    ? [...lines, "", ...stacksOf(error).map((line) => style.dim(line))]
    : lines;
}

function whereOf(error: EtlError): string {
  const facts = Object.entries(error.details ?? {}).map(([name, value]) => `${name} ${shortValue(value)}`);
  const meaning = `${error.code} (exit code ${error.exitCode}: ${EXIT_CODES[error.kind].meaning})`;
  return [meaning, ...facts].join(", ");
}

function shortValue(value: unknown): string {
  const text = oneLine(typeof value === "string" ? value : (JSON.stringify(value) ?? String(value)));
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

function stacksOf(error: EtlError): string[] {
  const lines: string[] = [];
  let current: unknown = error;
  for (let depth = 0; current instanceof Error && depth < 5; depth++) {
    const stack = current.stack ?? `${current.name}: ${current.message}`;
    lines.push(...(depth === 0 ? stack : `Caused by ${stack}`).split("\n"));
    current = current.cause;
  }
  return lines;
}
