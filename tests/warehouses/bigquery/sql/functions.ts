/**
 * Functions that the double runs, by their DuckDB names. A function that is not here is refused: one that DuckDB happens
 * to have too may mean something else (GREATEST and CONCAT treat nulls otherwise, so macros stand for them).
 */
export const FUNCTIONS: Readonly<Record<string, string>> = {
  ABS: "abs",
  ANY_VALUE: "any_value",
  AVG: "avg",
  CEIL: "ceil",
  CHAR_LENGTH: "length",
  COALESCE: "coalesce",
  CONCAT: "bq_concat",
  COUNT: "count",
  COUNTIF: "bq_countif",
  DATE: "bq_date",
  DATETIME_ADD: "bq_datetime_add",
  DATETIME_DIFF: "bq_datetime_diff",
  DATETIME_SUB: "bq_datetime_sub",
  DENSE_RANK: "dense_rank",
  ENDS_WITH: "ends_with",
  ERROR: "error",
  FIRST_VALUE: "first_value",
  FLOOR: "floor",
  FORMAT: "printf",
  GENERATE_UUID: "bq_uuid",
  GREATEST: "bq_greatest",
  IF: "bq_if",
  IFNULL: "ifnull",
  LAG: "lag",
  LAST_VALUE: "last_value",
  LEAD: "lead",
  LEAST: "bq_least",
  LENGTH: "length",
  LOGICAL_AND: "bool_and",
  LOGICAL_OR: "bool_or",
  LOWER: "lower",
  MAX: "max",
  MIN: "min",
  MOD: "mod",
  NULLIF: "nullif",
  RANK: "rank",
  ROUND: "round",
  ROW_NUMBER: "row_number",
  STARTS_WITH: "starts_with",
  STRING_AGG: "string_agg",
  SUBSTR: "substr",
  SUM: "sum",
  TIMESTAMP_ADD: "bq_timestamp_add",
  TIMESTAMP_MICROS: "make_timestamp",
  TIMESTAMP_SUB: "bq_timestamp_sub",
  TIMESTAMP_TRUNC: "bq_timestamp_trunc",
  TRIM: "trim",
  UNIX_MICROS: "epoch_us",
  UNIX_MILLIS: "epoch_ms",
  UPPER: "upper",
};

/** DuckDB's type for DATETIME: another one than TIMESTAMP's, to keep the two apart; from 1677 to 2262. */
export const DATETIME = "TIMESTAMP_NS";

export const MACROS: readonly string[] = [
  "CREATE MACRO bq_concat(a, b) AS a || b, (a, b, c) AS a || b || c, (a, b, c, d) AS a || b || c || d",
  "CREATE MACRO bq_countif(a) AS count(CASE WHEN a THEN 1 END)",
  "CREATE MACRO bq_date(a) AS CAST(a AS DATE)",
  "CREATE MACRO bq_greatest(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN greatest(a, b) END",
  "CREATE MACRO bq_least(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN least(a, b) END",
  "CREATE MACRO bq_if(a, b, c) AS CASE WHEN a THEN b ELSE c END",
  "CREATE MACRO bq_timestamp_add(a, b) AS a + b",
  "CREATE MACRO bq_timestamp_sub(a, b) AS a - b",
  "CREATE MACRO bq_timestamp_trunc(a, part) AS CAST(date_trunc(part, a) AS TIMESTAMP)",
  "CREATE MACRO bq_datetime_add(a, b) AS CAST(a + b AS TIMESTAMP_NS)",
  "CREATE MACRO bq_datetime_diff(a, b, part) AS date_diff(part, CAST(b AS TIMESTAMP), CAST(a AS TIMESTAMP))",
  "CREATE MACRO bq_datetime_sub(a, b) AS CAST(a - b AS TIMESTAMP_NS)",
  "CREATE MACRO bq_uuid() AS CAST(uuid() AS VARCHAR)",
];

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#reserved_keywords */
export const RESERVED = words(
  "ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE CROSS CUBE CURRENT DEFAULT DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE FETCH FOLLOWING FOR FROM FULL GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT LOOKUP MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING PROTO QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED UNION UNNEST USING WHEN WHERE WINDOW WITH WITHIN",
);

/** Reserved words of what the double does not run. */
export const REFUSED = words(
  "ARRAY ASSERT_ROWS_MODIFIED AT COLLATE CONTAINS CUBE DEFINE ENUM FETCH FOR GROUPING HASH LATERAL LOOKUP NATURAL PROTO ROLLUP STRUCT TABLESAMPLE TREAT UNNEST WINDOW WITHIN",
);

/** Functions whose last argument is a date part. */
export const TAKES_PART = words("DATETIME_DIFF TIMESTAMP_TRUNC");

export const DATE_PARTS = words(
  "MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR DATE",
);
