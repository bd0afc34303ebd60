/**
 * What Redshift's catalog has and PostgreSQL's lacks, as far as a loader asks for it. The functions and views lie in
 * pg_catalog, so that no search_path hides them; what they show lies in the schema redshift_internal.
 */
export const CATALOG_SQL = `
SET allow_system_table_mods = on;
CREATE SCHEMA redshift_internal;
CREATE TABLE redshift_internal.attributes (table_id oid PRIMARY KEY, attributes text NOT NULL);
CREATE TABLE redshift_internal.load_history (
  user_id integer, query_id bigint, status text, table_name text, start_time timestamp, end_time timestamp,
  data_source text, loaded_rows bigint, source_file_count bigint, error_message text
);
CREATE TABLE redshift_internal.load_error_detail (
  user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name text, table_id integer,
  start_time timestamp, file_name text, line_number bigint, column_name text, column_type text, column_length text,
  "position" integer, error_code integer, error_message text
);
CREATE FUNCTION pg_catalog.getdate() RETURNS timestamp LANGUAGE sql STABLE
  AS $$ SELECT date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC') $$;
CREATE VIEW pg_catalog.sys_load_history AS SELECT * FROM redshift_internal.load_history;
CREATE VIEW pg_catalog.sys_load_error_detail AS SELECT * FROM redshift_internal.load_error_detail;
CREATE FUNCTION redshift_internal.rows_of(oid) RETURNS numeric LANGUAGE plpgsql AS $$
  DECLARE found numeric;
  BEGIN EXECUTE 'SELECT count(*) FROM ' || $1::regclass INTO found; RETURN found; END $$;
CREATE VIEW pg_catalog.svv_table_info AS
  SELECT * FROM (SELECT current_database()::text AS database, n.nspname::text AS schema, c.oid AS table_id,
    c.relname::text AS "table",
    CASE WHEN (a.attributes::json -> 'encodings')::text <> '{}' THEN 'Y' ELSE 'N' END AS encoded,
    CASE coalesce(a.attributes::json ->> 'distStyle', 'auto')
      WHEN 'key' THEN 'KEY(' || (a.attributes::json ->> 'distKey') || ')'
      WHEN 'all' THEN 'ALL' WHEN 'even' THEN 'EVEN' ELSE 'AUTO(ALL)' END AS diststyle,
    coalesce(a.attributes::json -> 'sortKeys' ->> 0, 'AUTO(SORTKEY)') AS sortkey1,
    json_array_length(coalesce(a.attributes::json -> 'sortKeys', '[]')) AS sortkey_num,
    redshift_internal.rows_of(c.oid) AS tbl_rows
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN redshift_internal.attributes a ON a.table_id = c.oid
  WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'redshift_internal')
    AND n.nspname NOT LIKE 'pg_temp%' AND n.nspname NOT LIKE 'pg_toast%') tables
  WHERE tbl_rows > 0;
GRANT USAGE ON SCHEMA redshift_internal TO PUBLIC;
GRANT SELECT, INSERT ON redshift_internal.attributes TO PUBLIC;
GRANT SELECT ON pg_catalog.sys_load_history, pg_catalog.sys_load_error_detail, pg_catalog.svv_table_info TO PUBLIC;
`;
