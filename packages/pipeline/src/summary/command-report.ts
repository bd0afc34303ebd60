/** What `plan`, `verify`, `files`, `gc` and `doctor` return. */
export interface CommandReport {
  /** For people, one line each, without colour. */
  readonly lines: readonly string[];
  /** The same for programs: the one JSON document of `--json`. */
  readonly document: unknown;
  readonly exitCode: number;
}
