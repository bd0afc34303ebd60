import { type Cursor, GrammarError } from "./cursor.ts";

/** A COPY that the stand-in runs. */
export interface CopyCommand {
  /** One to three parts, folded. */
  readonly table: readonly string[];
  readonly columns: readonly string[] | undefined;
  readonly manifestUrl: string;
  readonly role: string;
}

/** Options that columnar files allow and that change nothing here. */
const SWITCHES = new Set(["statupdate"]);
/** Documented for columnar files, but not run by the stand-in. */
const NOT_RUN = new Set(["fillrecord", "acceptinvchars", "serializetojson", "explicit_ids"]);
/** Refused with Parquet: page "COPY from columnar data formats". */
const NOT_WITH_PARQUET = new Set(
  `maxerror region gzip bzip2 lzop zstd compupdate truncatecolumns acceptanydate blanksasnull emptyasnull dateformat
  timeformat delimiter quote escape encrypted noload ignoreheader ignoreblanklines null roundec trimblanks removequotes
  encoding comprows readratio fixedwidth csv json avro ssh`.split(/\s+/),
);

/** `COPY table [(columns)] FROM 's3://…' IAM_ROLE '…' MANIFEST FORMAT [AS] PARQUET`, the options in any order. */
export function copyStatement(cursor: Cursor): CopyCommand {
  cursor.expect("copy");
  const table = cursor.qualified("a table").map(({ value }) => value);
  const columns = cursor.is("(") ? cursor.names("a column").map(({ value }) => value) : undefined;
  cursor.expect("from");
  const source = cursor.next("'s3://…'");
  if (source.kind !== "string" || !/^s3:\/\/[^/]+\/.+/.test(source.value)) {
    throw new GrammarError(
      "LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)",
      source.at,
      "0A000",
    );
  }
  let role: string | undefined;
  let manifest = false;
  let parquet = false;
  for (let token = cursor.peek(); token !== undefined; token = cursor.peek()) {
    if (role === undefined && cursor.take("iam_role")) {
      const arn = cursor.next("the ARN of a role, or default");
      if (arn.kind !== "string" && arn.value !== "default")
        throw new GrammarError(`syntax error at or near "${arn.text}" (expected the ARN of a role)`, arn.at);
      role = arn.value;
    } else if (!manifest && cursor.take("manifest")) manifest = true;
    else if (!parquet && cursor.take("format")) {
      cursor.take("as");
      cursor.expect("parquet");
      parquet = true;
    } else if (token.kind === "word" && SWITCHES.has(token.value)) {
      cursor.take(token.value);
      if (!cursor.take("on")) cursor.take("off");
    } else throw optionProblem(token.value, token.at, token.text);
  }
  if (role === undefined) return cursor.fail("IAM_ROLE");
  if (!manifest) return cursor.fail("MANIFEST");
  if (!parquet) return cursor.fail("FORMAT AS PARQUET");
  return { table, columns, manifestUrl: source.value, role };
}

function optionProblem(option: string, at: number, text: string): GrammarError {
  if (/^(?:credentials|access_key_id|secret_access_key|session_token)$/.test(option))
    return new GrammarError("COPY from this file format only accepts IAM_ROLE credentials.", at, "XX000");
  if (NOT_WITH_PARQUET.has(option))
    return new GrammarError(
      `${option.toUpperCase()} argument is not supported for PARQUET based COPY`,
      at,
      "0A000",
    );
  if (NOT_RUN.has(option))
    return new GrammarError(`The stand-in does not run COPY with ${option.toUpperCase()}`, at, "0A000");
  return new GrammarError(`syntax error at or near "${text}" (expected an option of COPY)`, at);
}
