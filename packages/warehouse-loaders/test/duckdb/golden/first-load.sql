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

-- reconcile, assert: check stage of products
SELECT
  count(*) AS rows,
  count(*) FILTER ("id" IS NULL) AS null_keys,
  (SELECT count(*) FROM (SELECT 1 FROM temp.main."_stage_products" GROUP BY "id" HAVING count(*) > 1)) AS duplicate_keys,
  0 AS orphans
FROM temp.main."_stage_products";

-- reconcile, assert: check stage of products__sizes
SELECT
  count(*) AS rows,
  count(*) FILTER ("_parent_id" IS NULL OR "_ordinal" IS NULL) AS null_keys,
  (SELECT count(*) FROM (SELECT 1 FROM temp.main."_stage_products__sizes" GROUP BY "_parent_id", "_ordinal" HAVING count(*) > 1)) AS duplicate_keys,
  (SELECT count(*) FROM temp.main."_stage_products__sizes" AS c ANTI JOIN temp.main."_stage_products" AS p ON c."_parent_id" = p."id") AS orphans
FROM temp.main."_stage_products__sizes";

-- reconcile, assert: check stage of orders
SELECT
  count(*) AS rows,
  count(*) FILTER ("id" IS NULL) AS null_keys,
  (SELECT count(*) FROM (SELECT 1 FROM temp.main."_stage_orders" GROUP BY "id" HAVING count(*) > 1)) AS duplicate_keys,
  0 AS orphans
FROM temp.main."_stage_orders";

-- reconcile, assert: check stage of orders__lines
SELECT
  count(*) AS rows,
  count(*) FILTER ("_parent_id" IS NULL OR "_ordinal" IS NULL) AS null_keys,
  (SELECT count(*) FROM (SELECT 1 FROM temp.main."_stage_orders__lines" GROUP BY "_parent_id", "_ordinal" HAVING count(*) > 1)) AS duplicate_keys,
  (SELECT count(*) FROM temp.main."_stage_orders__lines" AS c ANTI JOIN temp.main."_stage_orders" AS p ON c."_parent_id" = p."id") AS orphans
FROM temp.main."_stage_orders__lines";

-- reconcile, assert: check stage of orders__lines__discounts
SELECT
  count(*) AS rows,
  count(*) FILTER ("_parent_id" IS NULL OR "_ordinal" IS NULL OR "_ordinal_2" IS NULL) AS null_keys,
  (SELECT count(*) FROM (SELECT 1 FROM temp.main."_stage_orders__lines__discounts" GROUP BY "_parent_id", "_ordinal", "_ordinal_2" HAVING count(*) > 1)) AS duplicate_keys,
  (SELECT count(*) FROM temp.main."_stage_orders__lines__discounts" AS c ANTI JOIN temp.main."_stage_orders" AS p ON c."_parent_id" = p."id") AS orphans
FROM temp.main."_stage_orders__lines__discounts";

-- reconcile, assert: check stage of orders__tags
SELECT
  count(*) AS rows,
  count(*) FILTER ("_parent_id" IS NULL OR "_ordinal" IS NULL) AS null_keys,
  (SELECT count(*) FROM (SELECT 1 FROM temp.main."_stage_orders__tags" GROUP BY "_parent_id", "_ordinal" HAVING count(*) > 1)) AS duplicate_keys,
  (SELECT count(*) FROM temp.main."_stage_orders__tags" AS c ANTI JOIN temp.main."_stage_orders" AS p ON c."_parent_id" = p."id") AS orphans
FROM temp.main."_stage_orders__tags";

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
  ('products', 'products', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."products" WHERE "_deleted_at" IS NULL), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('products__sizes', 'products', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."products__sizes"), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('orders', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."orders" WHERE "_deleted_at" IS NULL), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('orders__lines', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."orders__lines"), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('orders__lines__discounts', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."orders__lines__discounts"), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('orders__tags', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."orders__tags"), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time'));

-- transaction, ledger: insert ledger row
INSERT INTO "warehouse"."raw"."_loads" (run_id, source, manifest_sha256, extracted_at, loaded_at, changed, counts)
VALUES ('r2', 'shop', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', TIMESTAMP '2026-01-02 00:00:00.000', getvariable('load_time'), getvariable('load_changed'), getvariable('load_counts'));
