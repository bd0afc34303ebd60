/** A column as the catalog of a warehouse has it. */
export interface JudgedColumn {
  readonly name: string;
  /** As SQL writes it: `STRING`, `INT64`, `NUMERIC(10, 2)`, `STRUCT<a INT64>`; the REST API's `INTEGER` is good too. */
  readonly type: string;
  /** REPEATED makes an array of it. REQUIRED is not judged: the analyzer knows no NOT NULL. @default "NULLABLE" */
  readonly mode?: "NULLABLE" | "REQUIRED" | "REPEATED";
}

/** A table or a view that is there before the SQL runs. */
export interface JudgedTable {
  /** `project.dataset.table`, without quotes; shorter where the question has a default project or dataset. */
  readonly name: string;
  readonly columns: readonly JudgedColumn[];
}

/** What the SQL may refer to. */
export interface Surroundings {
  /** @default none */
  readonly tables?: readonly JudgedTable[];
  /** Named query parameters, without the `@`. @default none */
  readonly parameters?: readonly JudgedColumn[];
  /** Of names without a project. @default none: such names are refused */
  readonly project?: string;
  /** Of names without a dataset; needs `project`. @default none: such names are refused */
  readonly dataset?: string;
}

/** Why a text was refused. */
export interface Refused {
  readonly ok: false;
  /** The analyzer's, without the position. */
  readonly message: string;
  /** From 1. Absent where the refusal is of the whole. */
  readonly line?: number;
  /** From 1, in code points. */
  readonly column?: number;
}

export type Verdict = { readonly ok: true } | Refused;

/** `statement`: which of the statements, from 0; line and column are within it. */
export type ScriptVerdict = { readonly ok: true } | (Refused & { readonly statement: number });
