-- stage, stage: stage products
CREATE OR REPLACE TEMP TABLE temp.main."_stage_products" AS
SELECT "id", "name", "_row_hash", file_index AS _file, file_row_number AS _file_row
FROM read_parquet(['/lake/it''s [[]odd]/tables/products/run=r2/1.parquet', '/lake/it''s [[]odd]/tables/products/run=r2/2.parquet'], hive_partitioning = false);

-- stage, stage: stage products__sizes
CREATE OR REPLACE TEMP TABLE temp.main."_stage_products__sizes" AS
SELECT "_parent_id", "_ordinal", "value", file_index AS _file, file_row_number AS _file_row
FROM read_parquet(['/lake/it''s [[]odd]/tables/products__sizes/run=r2/1.parquet', '/lake/it''s [[]odd]/tables/products__sizes/run=r2/2.parquet'], hive_partitioning = false);

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
  SELECT 'products' AS table_name, CAST(NULL AS VARCHAR) AS parent, CAST("id" AS VARCHAR) AS key_1, NULL AS key_2, NULL AS key_3, "id" IS NULL AS missing FROM temp.main."_stage_products"
  UNION ALL
  SELECT 'products__sizes' AS table_name, 'products' AS parent, CAST("_parent_id" AS VARCHAR) AS key_1, CAST("_ordinal" AS VARCHAR) AS key_2, NULL AS key_3, "_parent_id" IS NULL OR "_ordinal" IS NULL AS missing FROM temp.main."_stage_products__sizes"
  UNION ALL
  SELECT 'orders' AS table_name, CAST(NULL AS VARCHAR) AS parent, CAST("id" AS VARCHAR) AS key_1, NULL AS key_2, NULL AS key_3, "id" IS NULL AS missing FROM temp.main."_stage_orders"
  UNION ALL
  SELECT 'orders__lines' AS table_name, 'orders' AS parent, CAST("_parent_id" AS VARCHAR) AS key_1, CAST("_ordinal" AS VARCHAR) AS key_2, NULL AS key_3, "_parent_id" IS NULL OR "_ordinal" IS NULL AS missing FROM temp.main."_stage_orders__lines"
  UNION ALL
  SELECT 'orders__lines__discounts' AS table_name, 'orders' AS parent, CAST("_parent_id" AS VARCHAR) AS key_1, CAST("_ordinal" AS VARCHAR) AS key_2, CAST("_ordinal_2" AS VARCHAR) AS key_3, "_parent_id" IS NULL OR "_ordinal" IS NULL OR "_ordinal_2" IS NULL AS missing FROM temp.main."_stage_orders__lines__discounts"
  UNION ALL
  SELECT 'orders__tags' AS table_name, 'orders' AS parent, CAST("_parent_id" AS VARCHAR) AS key_1, CAST("_ordinal" AS VARCHAR) AS key_2, NULL AS key_3, "_parent_id" IS NULL OR "_ordinal" IS NULL AS missing FROM temp.main."_stage_orders__tags"
) GROUP BY ALL)
LEFT JOIN (
  SELECT 'products' AS parent, CAST("id" AS VARCHAR) AS key_1, true AS _known FROM temp.main."_stage_products"
  UNION ALL
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
SELECT count(*) = 0 AND count(*) FILTER (run_id = 'r2') = 0 AS holds FROM "warehouse"."raw"."_loads";

-- transaction, assert: count stages
SELECT 'products' AS table_name, count(*) AS rows FROM temp.main."_stage_products"
UNION ALL SELECT 'products__sizes' AS table_name, count(*) AS rows FROM temp.main."_stage_products__sizes"
UNION ALL SELECT 'orders' AS table_name, count(*) AS rows FROM temp.main."_stage_orders"
UNION ALL SELECT 'orders__lines' AS table_name, count(*) AS rows FROM temp.main."_stage_orders__lines"
UNION ALL SELECT 'orders__lines__discounts' AS table_name, count(*) AS rows FROM temp.main."_stage_orders__lines__discounts"
UNION ALL SELECT 'orders__tags' AS table_name, count(*) AS rows FROM temp.main."_stage_orders__tags";

-- transaction, ledger: set load time
SET VARIABLE load_time = (SELECT greatest(TIMESTAMP '2026-01-03 00:00:00.000', max(loaded_at) + INTERVAL 1 MICROSECOND) FROM "warehouse"."raw"."_loads");

-- transaction, ddl: create products
CREATE TABLE "warehouse"."raw"."products" (
  "id" BIGINT NOT NULL,
  "name" VARCHAR,
  "_row_hash" VARCHAR NOT NULL,
  "_run_id" VARCHAR NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL,
  "_deleted_at" TIMESTAMP
);

-- transaction, ddl: create products__sizes
CREATE TABLE "warehouse"."raw"."products__sizes" (
  "_parent_id" BIGINT NOT NULL,
  "_ordinal" BIGINT NOT NULL,
  "value" VARCHAR,
  "_run_id" VARCHAR NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL
);

-- transaction, data: insert into products
INSERT INTO "warehouse"."raw"."products" ("id", "name", "_row_hash", "_run_id", "_loaded_at")
SELECT "id", "name", "_row_hash", 'r2', getvariable('load_time')
FROM temp.main."_stage_products";

-- transaction, data: insert into products__sizes
INSERT INTO "warehouse"."raw"."products__sizes" ("_parent_id", "_ordinal", "value", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "value", 'r2', getvariable('load_time')
FROM temp.main."_stage_products__sizes";

-- transaction, ddl: create orders
CREATE TABLE "warehouse"."raw"."orders" (
  "id" VARCHAR NOT NULL,
  "placed_at" TIMESTAMP,
  "day" DATE,
  "total" DOUBLE,
  "units" BIGINT,
  "paid" BOOLEAN,
  "note" VARCHAR,
  "customer_name" VARCHAR,
  "customer_mail" VARCHAR,
  "_row_hash" VARCHAR NOT NULL,
  "_run_id" VARCHAR NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL,
  "_deleted_at" TIMESTAMP
);

-- transaction, ddl: create orders__lines
CREATE TABLE "warehouse"."raw"."orders__lines" (
  "_parent_id" VARCHAR NOT NULL,
  "_ordinal" BIGINT NOT NULL,
  "sku" VARCHAR,
  "quantity" BIGINT,
  "_run_id" VARCHAR NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL
);

-- transaction, ddl: create orders__lines__discounts
CREATE TABLE "warehouse"."raw"."orders__lines__discounts" (
  "_parent_id" VARCHAR NOT NULL,
  "_ordinal" BIGINT NOT NULL,
  "_ordinal_2" BIGINT NOT NULL,
  "code" VARCHAR,
  "amount" DOUBLE,
  "_run_id" VARCHAR NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL
);

-- transaction, ddl: create orders__tags
CREATE TABLE "warehouse"."raw"."orders__tags" (
  "_parent_id" VARCHAR NOT NULL,
  "_ordinal" BIGINT NOT NULL,
  "value" VARCHAR,
  "_run_id" VARCHAR NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL
);

-- transaction, data: insert into orders
INSERT INTO "warehouse"."raw"."orders" ("id", "placed_at", "day", "total", "units", "paid", "note", "customer_name", "customer_mail", "_row_hash", "_run_id", "_loaded_at")
SELECT "id", "placed_at", "day", "total", "units", "paid", "note", "customer_name", "customer_mail", "_row_hash", 'r2', getvariable('load_time')
FROM temp.main."_stage_orders";

-- transaction, data: insert into orders__lines
INSERT INTO "warehouse"."raw"."orders__lines" ("_parent_id", "_ordinal", "sku", "quantity", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "sku", "quantity", 'r2', getvariable('load_time')
FROM temp.main."_stage_orders__lines";

-- transaction, data: insert into orders__tags
INSERT INTO "warehouse"."raw"."orders__tags" ("_parent_id", "_ordinal", "value", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "value", 'r2', getvariable('load_time')
FROM temp.main."_stage_orders__tags";

-- transaction, count: count rows
SELECT 'products' AS table_name, count(*) AS rows, count(*) FILTER ("_deleted_at" IS NULL) AS live_rows FROM "warehouse"."raw"."products"
UNION ALL SELECT 'products__sizes' AS table_name, count(*) AS rows, count(*) AS live_rows FROM "warehouse"."raw"."products__sizes"
UNION ALL SELECT 'orders' AS table_name, count(*) AS rows, count(*) FILTER ("_deleted_at" IS NULL) AS live_rows FROM "warehouse"."raw"."orders"
UNION ALL SELECT 'orders__lines' AS table_name, count(*) AS rows, count(*) AS live_rows FROM "warehouse"."raw"."orders__lines"
UNION ALL SELECT 'orders__lines__discounts' AS table_name, count(*) AS rows, count(*) AS live_rows FROM "warehouse"."raw"."orders__lines__discounts"
UNION ALL SELECT 'orders__tags' AS table_name, count(*) AS rows, count(*) AS live_rows FROM "warehouse"."raw"."orders__tags";

-- transaction, ledger: forget old registry rows
DELETE FROM "warehouse"."raw"."_tables" WHERE table_name IN ('products', 'products__sizes', 'orders', 'orders__lines', 'orders__lines__discounts', 'orders__tags');

-- transaction, ledger: register tables
INSERT INTO "warehouse"."raw"."_tables" (table_name, collection, source, schema_version, schema_fingerprint, content_sha256, row_count, extracted_at, run_id, loaded_at) VALUES
  ('products', 'products', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 10, TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('products__sizes', 'products', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 10, TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('orders', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 10, TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('orders__lines', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 10, TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('orders__lines__discounts', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 0, TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('orders__tags', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 10, TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time'));

-- transaction, ledger: insert ledger row
INSERT INTO "warehouse"."raw"."_loads" (run_id, source, manifest_sha256, extracted_at, loaded_at, changed, counts)
VALUES ('r2', 'shop', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', TIMESTAMP '2026-01-02 00:00:00.000', getvariable('load_time'), getvariable('load_changed'), getvariable('load_counts'));
