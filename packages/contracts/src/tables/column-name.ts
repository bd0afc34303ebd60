import { EtlError } from "../errors/etl-error.ts";

/**
 * Words that are reserved in BigQuery, Redshift or DuckDB, so that a column of this name would need quotes somewhere.
 * Sources: GoogleSQL lexical structure; Redshift "Reserved words"; `duckdb_keywords()` of category reserved.
 */
const RESERVED = new Set(
  (
    "aes128 aes256 all allowoverwrite analyse analyze and any array as asc assert_rows_modified asof asymmetric at " +
    "authorization az64 backup between binary blanksasnull both by bytedict bzip2 case cast check collate column " +
    "constraint contains create credentials cross cube current current_date current_time current_timestamp current_user " +
    "current_user_id default deferrable deflate defrag define delta delta32k desc describe disable distinct do else " +
    "emptyasnull enable encode encrypt encryption end enum escape except exclude exists explicit extract false fetch " +
    "following for foreign freeze from full globaldict256 globaldict64k grant group grouping groups gzip hash having " +
    "identity if ignore ilike in initially inner intersect interval into is isnull join lambda language lateral leading " +
    "left like limit localtime localtimestamp lookup lun luns lzo lzop merge minus mostly16 mostly32 mostly8 natural " +
    "new no not notnull null nulls of off offline offset oid old on only open or order outer over overlaps parallel " +
    "partition percent permissions pivot pivot_longer pivot_wider placing preceding primary proto qualify range raw " +
    "readratio recover recursive references rejectlog resort respect restore returning right rollup rows select " +
    "session_user show similar snapshot some struct summarize symmetric sysdate system table tablesample tag tdes " +
    "text255 text32k then timestamp to top trailing treat true truncatecolumns unbounded union unique unnest unpivot " +
    "user using variadic verbose wallet when where window with within without"
  ).split(" "),
);

/** `launchSite` and `NORAD_CAT_ID` become `launch_site` and `norad_cat_id`. */
export function snakeCase(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();
}

/** Throws an error of kind `usage` unless the name can stand unquoted in every warehouse. */
export function assertColumnName(name: string, where: string): void {
  const problem = !/^[a-z][a-z0-9_]*$/.test(name)
    ? "must be of a–z, 0–9 and _ and start with a letter"
    : name.length > 120
      ? "is longer than 120 characters (Redshift allows 127 bytes)"
      : RESERVED.has(name)
        ? "is a reserved word of a warehouse"
        : undefined;
  if (problem === undefined) return;
  throw new EtlError({
    kind: "usage",
    code: "COLUMN_NAME",
    message: `The column name ${JSON.stringify(name)} of ${where} ${problem}.`,
    hint: 'Name it yourself: .meta({ column: "another_name" }).',
  });
}
