-- stage, stage: stage orders
CREATE OR REPLACE TEMP TABLE temp.main."_stage_orders" AS
SELECT "id", make_timestamp(epoch_us("placed_at")) AS "placed_at", "day", "total", "units", "paid", "note", "customer_name", "customer_mail", "_row_hash", file_index AS _file, file_row_number AS _file_row
FROM read_parquet(['/lake/it''s [[]odd]/tables/orders/run=r2/1.parquet', '/lake/it''s [[]odd]/tables/orders/run=r2/2.parquet'], hive_partitioning = false);

-- stage, stage: stage orders__lines
CREATE OR REPLACE TEMP TABLE temp.main."_stage_orders__lines" AS
SELECT "_parent_id", "_ordinal", "sku", "quantity", file_index AS _file, file_row_number AS _file_row
FROM read_parquet(['/lake/it''s [[]odd]/tables/orders__lines/run=r2/1.parquet', '/lake/it''s [[]odd]/tables/orders__lines/run=r2/2.parquet'], hive_partitioning = false);

-- stage, stage: stage orders__lines__discounts
CREATE OR REPLACE TEMP VIEW temp.main."_stage_orders__lines__discounts" AS
SELECT CAST(NULL AS VARCHAR) AS "_parent_id", CAST(NULL AS BIGINT) AS "_ordinal", CAST(NULL AS BIGINT) AS "_ordinal_2", CAST(NULL AS VARCHAR) AS "code", CAST(NULL AS DOUBLE) AS "amount", 0 AS _file, 0 AS _file_row
WHERE false;

-- stage, stage: stage orders__tags
CREATE OR REPLACE TEMP TABLE temp.main."_stage_orders__tags" AS
SELECT "_parent_id", "_ordinal", "value", file_index AS _file, file_row_number AS _file_row
FROM read_parquet(['/lake/it''s [[]odd]/tables/orders__tags/run=r2/1.parquet', '/lake/it''s [[]odd]/tables/orders__tags/run=r2/2.parquet'], hive_partitioning = false);

-- reconcile, assert: check small stages
SELECT table_name,
  CAST(coalesce(sum(_n), 0) AS BIGINT) AS rows,
  CAST(coalesce(sum(_n) FILTER (missing), 0) AS BIGINT) AS null_keys,
  count(*) FILTER (_n > 1) AS duplicate_keys,
  CAST(coalesce(sum(_n) FILTER (parent IS NOT NULL AND _known IS NULL), 0) AS BIGINT) AS orphans
FROM (SELECT *, count(*) AS _n FROM (
  SELECT 'orders' AS table_name, CAST(NULL AS VARCHAR) AS parent, CAST("id" AS VARCHAR) AS key_1, NULL AS key_2, NULL AS key_3, "id" IS NULL AS missing FROM temp.main."_stage_orders"
  UNION ALL
  SELECT 'orders__lines' AS table_name, 'orders' AS parent, CAST("_parent_id" AS VARCHAR) AS key_1, CAST("_ordinal" AS VARCHAR) AS key_2, NULL AS key_3, "_parent_id" IS NULL OR "_ordinal" IS NULL AS missing FROM temp.main."_stage_orders__lines"
  UNION ALL
  SELECT 'orders__lines__discounts' AS table_name, 'orders' AS parent, CAST("_parent_id" AS VARCHAR) AS key_1, CAST("_ordinal" AS VARCHAR) AS key_2, CAST("_ordinal_2" AS VARCHAR) AS key_3, "_parent_id" IS NULL OR "_ordinal" IS NULL OR "_ordinal_2" IS NULL AS missing FROM temp.main."_stage_orders__lines__discounts"
  UNION ALL
  SELECT 'orders__tags' AS table_name, 'orders' AS parent, CAST("_parent_id" AS VARCHAR) AS key_1, CAST("_ordinal" AS VARCHAR) AS key_2, NULL AS key_3, "_parent_id" IS NULL OR "_ordinal" IS NULL AS missing FROM temp.main."_stage_orders__tags"
) GROUP BY ALL)
LEFT JOIN (
  SELECT 'orders' AS parent, CAST("id" AS VARCHAR) AS key_1, true AS _known FROM temp.main."_stage_orders"
) USING (parent, key_1)
GROUP BY table_name;

-- transaction, ddl: create schema
CREATE SCHEMA IF NOT EXISTS "warehouse"."raw";

-- transaction, ddl: create _loads
CREATE TABLE IF NOT EXISTS "warehouse"."raw"."_loads" (
  "run_id" VARCHAR NOT NULL,
  "source" VARCHAR NOT NULL,
  "manifest_sha256" VARCHAR NOT NULL,
  "extracted_at" TIMESTAMP NOT NULL,
  "loaded_at" TIMESTAMP NOT NULL,
  "changed" BOOLEAN NOT NULL,
  "counts" VARCHAR NOT NULL
);

-- transaction, ddl: create _tables
CREATE TABLE IF NOT EXISTS "warehouse"."raw"."_tables" (
  "table_name" VARCHAR NOT NULL,
  "collection" VARCHAR NOT NULL,
  "source" VARCHAR NOT NULL,
  "schema_version" BIGINT NOT NULL,
  "schema_fingerprint" VARCHAR NOT NULL,
  "content_sha256" VARCHAR NOT NULL,
  "row_count" BIGINT NOT NULL,
  "extracted_at" TIMESTAMP NOT NULL,
  "run_id" VARCHAR NOT NULL,
  "loaded_at" TIMESTAMP NOT NULL
);

-- transaction, ddl: create _transforms
CREATE TABLE IF NOT EXISTS "warehouse"."raw"."_transforms" (
  "project_sha256" VARCHAR NOT NULL,
  "run_id" VARCHAR NOT NULL,
  "changed_at" TIMESTAMP,
  "finished_at" TIMESTAMP NOT NULL
);

-- transaction, assert: assert ledger
SELECT count(*) = 1 AND count(*) FILTER (run_id = 'r2') = 0 AS holds FROM "warehouse"."raw"."_loads";

-- transaction, assert: count stages
SELECT 'orders' AS table_name, count(*) AS rows FROM temp.main."_stage_orders"
UNION ALL SELECT 'orders__lines' AS table_name, count(*) AS rows FROM temp.main."_stage_orders__lines"
UNION ALL SELECT 'orders__lines__discounts' AS table_name, count(*) AS rows FROM temp.main."_stage_orders__lines__discounts"
UNION ALL SELECT 'orders__tags' AS table_name, count(*) AS rows FROM temp.main."_stage_orders__tags";

-- transaction, ledger: set load time
SET VARIABLE load_time = (SELECT greatest(TIMESTAMP '2026-01-03 00:00:00.000', max(loaded_at) + INTERVAL 1 MICROSECOND) FROM "warehouse"."raw"."_loads");

-- transaction, count: find changes of orders
CREATE OR REPLACE TEMP TABLE temp.main."_changes_orders" AS
SELECT coalesce(s."id", t."id") AS key, t.target, CASE
  WHEN t."id" IS NULL THEN 'insert'
  WHEN s."id" IS NULL THEN CASE WHEN CAST(t."id" AS VARCHAR) IN ('o1', 'it''s') THEN 'kept' ELSE 'delete' END
  WHEN t."_deleted_at" IS NOT NULL THEN 'undelete'
  ELSE 'update' END AS action
FROM (SELECT "id", "_row_hash" FROM temp.main."_stage_orders") AS s
FULL JOIN (SELECT rowid AS target, "id", "_row_hash", "_deleted_at" FROM "warehouse"."raw"."orders") AS t ON s."id" = t."id"
WHERE t."id" IS NULL
  OR (s."id" IS NULL AND t."_deleted_at" IS NULL)
  OR (s."id" IS NOT NULL AND (t."_deleted_at" IS NOT NULL OR t."_row_hash" IS DISTINCT FROM s."_row_hash"));

-- transaction, count: count changes of orders
SELECT action, count(DISTINCT key) AS keys FROM temp.main."_changes_orders" GROUP BY action;

-- transaction, data: delete old versions from orders
DELETE FROM "warehouse"."raw"."orders" WHERE rowid IN (SELECT target FROM temp.main."_changes_orders" WHERE action IN ('update', 'undelete'));

-- transaction, data: insert into orders
INSERT INTO "warehouse"."raw"."orders" ("id", "placed_at", "day", "total", "units", "paid", "note", "customer_name", "customer_mail", "_row_hash", "_run_id", "_loaded_at")
SELECT "id", "placed_at", "day", "total", "units", "paid", "note", "customer_name", "customer_mail", "_row_hash", 'r2', getvariable('load_time')
FROM temp.main."_stage_orders"
WHERE "id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action IN ('insert', 'update', 'undelete'))
ORDER BY _file, _file_row;

-- transaction, data: soft-delete from orders
UPDATE "warehouse"."raw"."orders"
SET "_run_id" = 'r2', "_loaded_at" = getvariable('load_time'), "_deleted_at" = getvariable('load_time')
WHERE rowid IN (SELECT target FROM temp.main."_changes_orders" WHERE action = 'delete');

-- transaction, count: count kept rows of orders__lines
SELECT count(*) AS rows FROM "warehouse"."raw"."orders__lines" WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action = 'kept');

-- transaction, count: count rewritten rows of orders__lines
SELECT count(*) AS rows FROM "warehouse"."raw"."orders__lines" AS t
SEMI JOIN (SELECT * FROM temp.main."_stage_orders__lines" WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action <> 'kept')) AS s ON t."_parent_id" = s."_parent_id" AND t."_ordinal" = s."_ordinal"
WHERE t."_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action <> 'kept');

-- transaction, data: delete from orders__lines
DELETE FROM "warehouse"."raw"."orders__lines" WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action <> 'kept');

-- transaction, data: insert into orders__lines
INSERT INTO "warehouse"."raw"."orders__lines" ("_parent_id", "_ordinal", "sku", "quantity", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "sku", "quantity", 'r2', getvariable('load_time')
FROM temp.main."_stage_orders__lines"
WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action IN ('insert', 'update', 'undelete'))
ORDER BY _file, _file_row;

-- transaction, count: count kept rows of orders__lines__discounts
SELECT count(*) AS rows FROM "warehouse"."raw"."orders__lines__discounts" WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action = 'kept');

-- transaction, count: count rewritten rows of orders__lines__discounts
SELECT count(*) AS rows FROM "warehouse"."raw"."orders__lines__discounts" AS t
SEMI JOIN (SELECT * FROM temp.main."_stage_orders__lines__discounts" WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action <> 'kept')) AS s ON t."_parent_id" = s."_parent_id" AND t."_ordinal" = s."_ordinal" AND t."_ordinal_2" = s."_ordinal_2"
WHERE t."_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action <> 'kept');

-- transaction, data: delete from orders__lines__discounts
DELETE FROM "warehouse"."raw"."orders__lines__discounts" WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action <> 'kept');

-- transaction, data: insert into orders__lines__discounts
INSERT INTO "warehouse"."raw"."orders__lines__discounts" ("_parent_id", "_ordinal", "_ordinal_2", "code", "amount", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "_ordinal_2", "code", "amount", 'r2', getvariable('load_time')
FROM temp.main."_stage_orders__lines__discounts"
WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action IN ('insert', 'update', 'undelete'))
ORDER BY _file, _file_row;

-- transaction, count: count kept rows of orders__tags
SELECT count(*) AS rows FROM "warehouse"."raw"."orders__tags" WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action = 'kept');

-- transaction, count: count rewritten rows of orders__tags
SELECT count(*) AS rows FROM "warehouse"."raw"."orders__tags" AS t
SEMI JOIN (SELECT * FROM temp.main."_stage_orders__tags" WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action <> 'kept')) AS s ON t."_parent_id" = s."_parent_id" AND t."_ordinal" = s."_ordinal"
WHERE t."_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action <> 'kept');

-- transaction, data: delete from orders__tags
DELETE FROM "warehouse"."raw"."orders__tags" WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action <> 'kept');

-- transaction, data: insert into orders__tags
INSERT INTO "warehouse"."raw"."orders__tags" ("_parent_id", "_ordinal", "value", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "value", 'r2', getvariable('load_time')
FROM temp.main."_stage_orders__tags"
WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_orders" WHERE action IN ('insert', 'update', 'undelete'))
ORDER BY _file, _file_row;

-- transaction, stage: drop changes of orders
DROP TABLE temp.main."_changes_orders";

-- transaction, count: count rows
SELECT 'orders' AS table_name, count(*) AS rows, count(*) FILTER ("_deleted_at" IS NULL) AS live_rows FROM "warehouse"."raw"."orders"
UNION ALL SELECT 'orders__lines' AS table_name, count(*) AS rows, count(*) AS live_rows FROM "warehouse"."raw"."orders__lines"
UNION ALL SELECT 'orders__lines__discounts' AS table_name, count(*) AS rows, count(*) AS live_rows FROM "warehouse"."raw"."orders__lines__discounts"
UNION ALL SELECT 'orders__tags' AS table_name, count(*) AS rows, count(*) AS live_rows FROM "warehouse"."raw"."orders__tags";

-- transaction, ledger: forget old registry rows
DELETE FROM "warehouse"."raw"."_tables" WHERE table_name IN ('orders', 'orders__lines', 'orders__lines__discounts', 'orders__tags');

-- transaction, ledger: register tables
INSERT INTO "warehouse"."raw"."_tables" (table_name, collection, source, schema_version, schema_fingerprint, content_sha256, row_count, extracted_at, run_id, loaded_at) VALUES
  ('orders', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."orders" WHERE "_deleted_at" IS NULL), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('orders__lines', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."orders__lines"), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('orders__lines__discounts', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."orders__lines__discounts"), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('orders__tags', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."orders__tags"), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time'));

-- transaction, ledger: insert ledger row
INSERT INTO "warehouse"."raw"."_loads" (run_id, source, manifest_sha256, extracted_at, loaded_at, changed, counts)
VALUES ('r2', 'shop', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', TIMESTAMP '2026-01-02 00:00:00.000', getvariable('load_time'), getvariable('load_changed'), getvariable('load_counts'));
