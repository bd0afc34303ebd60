-- schema, ddl: create schema
CREATE SCHEMA IF NOT EXISTS "raw";

-- schema, ddl: create _loads
CREATE TABLE IF NOT EXISTS "raw"."_loads" (
  "run_id" VARCHAR(63) NOT NULL,
  "source" VARCHAR(65535) NOT NULL,
  "manifest_sha256" VARCHAR(65535) NOT NULL,
  "extracted_at" TIMESTAMP NOT NULL,
  "loaded_at" TIMESTAMP NOT NULL,
  "changed" BOOLEAN NOT NULL,
  "counts" VARCHAR(65535) NOT NULL
);

-- schema, ddl: create _tables
CREATE TABLE IF NOT EXISTS "raw"."_tables" (
  "table_name" VARCHAR(65535) NOT NULL,
  "collection" VARCHAR(65535) NOT NULL,
  "source" VARCHAR(65535) NOT NULL,
  "schema_version" BIGINT NOT NULL,
  "schema_fingerprint" VARCHAR(65535) NOT NULL,
  "content_sha256" VARCHAR(65535) NOT NULL,
  "row_count" BIGINT NOT NULL,
  "extracted_at" TIMESTAMP NOT NULL,
  "run_id" VARCHAR(63) NOT NULL,
  "loaded_at" TIMESTAMP NOT NULL
);

-- schema, ddl: create _transforms
CREATE TABLE IF NOT EXISTS "raw"."_transforms" (
  "project_sha256" VARCHAR(65535) NOT NULL,
  "run_id" VARCHAR(63) NOT NULL,
  "changed_at" TIMESTAMP,
  "finished_at" TIMESTAMP NOT NULL
);

-- schema, ddl: create _lock
CREATE TABLE IF NOT EXISTS "raw"."_lock" (
  "id" BIGINT
);

-- stage, ddl: create stage of products
CREATE TEMP TABLE "_stage_products" (
  "id" BIGINT,
  "name" VARCHAR(65535),
  "_row_hash" VARCHAR(64)
) DISTSTYLE KEY DISTKEY ("id");

-- stage, stage: copy products
COPY "_stage_products"
FROM 's3://lake/it''s \\ odd/copy/run=r2/products-cf38a729cfe441e2.manifest'
IAM_ROLE 'arn:aws:iam::123456789012:role/load'
MANIFEST
FORMAT AS PARQUET;

-- stage, count: count copied rows of products
SELECT pg_last_copy_count() AS rows;

-- stage, ddl: create stage of products__sizes
CREATE TEMP TABLE "_stage_products__sizes" (
  "_parent_id" BIGINT,
  "_ordinal" BIGINT,
  "value" VARCHAR(65535)
) DISTSTYLE KEY DISTKEY ("_parent_id");

-- stage, stage: copy products__sizes
COPY "_stage_products__sizes"
FROM 's3://lake/it''s \\ odd/copy/run=r2/products__sizes-b40e7692376dbeba.manifest'
IAM_ROLE 'arn:aws:iam::123456789012:role/load'
MANIFEST
FORMAT AS PARQUET;

-- stage, count: count copied rows of products__sizes
SELECT pg_last_copy_count() AS rows;

-- stage, ddl: create stage of orders
CREATE TEMP TABLE "_stage_orders" (
  "id" VARCHAR(65535),
  "placed_at" TIMESTAMP,
  "day" DATE,
  "total" DOUBLE PRECISION,
  "units" BIGINT,
  "paid" BOOLEAN,
  "note" VARCHAR(65535),
  "customer_name" VARCHAR(65535),
  "customer_mail" VARCHAR(65535),
  "_row_hash" VARCHAR(64)
) DISTSTYLE KEY DISTKEY ("id");

-- stage, stage: copy orders
COPY "_stage_orders"
FROM 's3://lake/it''s \\ odd/copy/run=r2/orders-2b357039334a7870.manifest'
IAM_ROLE 'arn:aws:iam::123456789012:role/load'
MANIFEST
FORMAT AS PARQUET;

-- stage, count: count copied rows of orders
SELECT pg_last_copy_count() AS rows;

-- stage, ddl: create stage of orders__lines
CREATE TEMP TABLE "_stage_orders__lines" (
  "_parent_id" VARCHAR(65535),
  "_ordinal" BIGINT,
  "sku" VARCHAR(65535),
  "quantity" BIGINT
) DISTSTYLE KEY DISTKEY ("_parent_id");

-- stage, stage: copy orders__lines
COPY "_stage_orders__lines"
FROM 's3://lake/it''s \\ odd/copy/run=r2/orders__lines-204c0d839980052e.manifest'
IAM_ROLE 'arn:aws:iam::123456789012:role/load'
MANIFEST
FORMAT AS PARQUET;

-- stage, count: count copied rows of orders__lines
SELECT pg_last_copy_count() AS rows;

-- stage, ddl: create stage of orders__lines__discounts
CREATE TEMP TABLE "_stage_orders__lines__discounts" (
  "_parent_id" VARCHAR(65535),
  "_ordinal" BIGINT,
  "_ordinal_2" BIGINT,
  "code" VARCHAR(65535),
  "amount" DOUBLE PRECISION
) DISTSTYLE KEY DISTKEY ("_parent_id");

-- stage, ddl: create stage of orders__tags
CREATE TEMP TABLE "_stage_orders__tags" (
  "_parent_id" VARCHAR(65535),
  "_ordinal" BIGINT,
  "value" VARCHAR(65535)
) DISTSTYLE KEY DISTKEY ("_parent_id");

-- stage, stage: copy orders__tags
COPY "_stage_orders__tags"
FROM 's3://lake/it''s \\ odd/copy/run=r2/orders__tags-414f72fee22d679c.manifest'
IAM_ROLE 'arn:aws:iam::123456789012:role/load'
MANIFEST
FORMAT AS PARQUET;

-- stage, count: count copied rows of orders__tags
SELECT pg_last_copy_count() AS rows;

-- reconcile, assert: check stages of products
SELECT CAST('products' AS VARCHAR(127)) AS table_name,
  CAST(coalesce(sum(k._n), 0) AS BIGINT) AS rows,
  CAST(coalesce(sum(CASE WHEN k."id" IS NULL THEN k._n END), 0) AS BIGINT) AS null_keys,
  count(CASE WHEN k._n > 1 THEN 1 END) AS duplicate_keys,
  CAST(0 AS BIGINT) AS orphans
FROM (SELECT "id", count(*) AS _n FROM "_stage_products" GROUP BY "id") AS k
UNION ALL
SELECT CAST('products__sizes' AS VARCHAR(127)) AS table_name,
  CAST(coalesce(sum(k._n), 0) AS BIGINT) AS rows,
  CAST(coalesce(sum(CASE WHEN k."_parent_id" IS NULL OR k."_ordinal" IS NULL THEN k._n END), 0) AS BIGINT) AS null_keys,
  count(CASE WHEN k._n > 1 THEN 1 END) AS duplicate_keys,
  CAST(coalesce(sum(CASE WHEN p._key IS NULL THEN k._n END), 0) AS BIGINT) AS orphans
FROM (SELECT "_parent_id", "_ordinal", count(*) AS _n FROM "_stage_products__sizes" GROUP BY "_parent_id", "_ordinal") AS k
LEFT JOIN (SELECT DISTINCT "id" AS _key FROM "_stage_products") AS p ON k."_parent_id" = p._key;

-- reconcile, assert: check stages of orders
SELECT CAST('orders' AS VARCHAR(127)) AS table_name,
  CAST(coalesce(sum(k._n), 0) AS BIGINT) AS rows,
  CAST(coalesce(sum(CASE WHEN k."id" IS NULL THEN k._n END), 0) AS BIGINT) AS null_keys,
  count(CASE WHEN k._n > 1 THEN 1 END) AS duplicate_keys,
  CAST(0 AS BIGINT) AS orphans
FROM (SELECT "id", count(*) AS _n FROM "_stage_orders" GROUP BY "id") AS k
UNION ALL
SELECT CAST('orders__lines' AS VARCHAR(127)) AS table_name,
  CAST(coalesce(sum(k._n), 0) AS BIGINT) AS rows,
  CAST(coalesce(sum(CASE WHEN k."_parent_id" IS NULL OR k."_ordinal" IS NULL THEN k._n END), 0) AS BIGINT) AS null_keys,
  count(CASE WHEN k._n > 1 THEN 1 END) AS duplicate_keys,
  CAST(coalesce(sum(CASE WHEN p._key IS NULL THEN k._n END), 0) AS BIGINT) AS orphans
FROM (SELECT "_parent_id", "_ordinal", count(*) AS _n FROM "_stage_orders__lines" GROUP BY "_parent_id", "_ordinal") AS k
LEFT JOIN (SELECT DISTINCT "id" AS _key FROM "_stage_orders") AS p ON k."_parent_id" = p._key
UNION ALL
SELECT CAST('orders__lines__discounts' AS VARCHAR(127)) AS table_name,
  CAST(coalesce(sum(k._n), 0) AS BIGINT) AS rows,
  CAST(coalesce(sum(CASE WHEN k."_parent_id" IS NULL OR k."_ordinal" IS NULL OR k."_ordinal_2" IS NULL THEN k._n END), 0) AS BIGINT) AS null_keys,
  count(CASE WHEN k._n > 1 THEN 1 END) AS duplicate_keys,
  CAST(coalesce(sum(CASE WHEN p._key IS NULL THEN k._n END), 0) AS BIGINT) AS orphans
FROM (SELECT "_parent_id", "_ordinal", "_ordinal_2", count(*) AS _n FROM "_stage_orders__lines__discounts" GROUP BY "_parent_id", "_ordinal", "_ordinal_2") AS k
LEFT JOIN (SELECT DISTINCT "id" AS _key FROM "_stage_orders") AS p ON k."_parent_id" = p._key
UNION ALL
SELECT CAST('orders__tags' AS VARCHAR(127)) AS table_name,
  CAST(coalesce(sum(k._n), 0) AS BIGINT) AS rows,
  CAST(coalesce(sum(CASE WHEN k."_parent_id" IS NULL OR k."_ordinal" IS NULL THEN k._n END), 0) AS BIGINT) AS null_keys,
  count(CASE WHEN k._n > 1 THEN 1 END) AS duplicate_keys,
  CAST(coalesce(sum(CASE WHEN p._key IS NULL THEN k._n END), 0) AS BIGINT) AS orphans
FROM (SELECT "_parent_id", "_ordinal", count(*) AS _n FROM "_stage_orders__tags" GROUP BY "_parent_id", "_ordinal") AS k
LEFT JOIN (SELECT DISTINCT "id" AS _key FROM "_stage_orders") AS p ON k."_parent_id" = p._key;

-- transaction, assert: lock
LOCK TABLE "raw"."_lock";

-- transaction, assert: assert ledger
SELECT count(*) = 0
  AND count(CASE WHEN run_id = 'r2' THEN 1 END) = 0
  AND coalesce(max(loaded_at) < TIMESTAMP '2026-01-03 00:00:00.000000', true) AS holds
FROM "raw"."_loads";

-- transaction, assert: count stages
SELECT CAST('products' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_products"
UNION ALL SELECT CAST('products__sizes' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_products__sizes"
UNION ALL SELECT CAST('orders' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_orders"
UNION ALL SELECT CAST('orders__lines' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_orders__lines"
UNION ALL SELECT CAST('orders__lines__discounts' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_orders__lines__discounts"
UNION ALL SELECT CAST('orders__tags' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_orders__tags";

-- transaction, ddl: create products
CREATE TABLE "raw"."products" (
  "id" BIGINT NOT NULL,
  "name" VARCHAR(65535),
  "_row_hash" VARCHAR(64) NOT NULL,
  "_run_id" VARCHAR(63) NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL,
  "_deleted_at" TIMESTAMP
) DISTSTYLE KEY DISTKEY ("id") COMPOUND SORTKEY ("id");

-- transaction, ddl: create products__sizes
CREATE TABLE "raw"."products__sizes" (
  "_parent_id" BIGINT NOT NULL,
  "_ordinal" BIGINT NOT NULL,
  "value" VARCHAR(65535),
  "_run_id" VARCHAR(63) NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL
) DISTSTYLE KEY DISTKEY ("_parent_id") COMPOUND SORTKEY ("_parent_id", "_ordinal");

-- transaction, data: insert into products
INSERT INTO "raw"."products" ("id", "name", "_row_hash", "_run_id", "_loaded_at")
SELECT "id", "name", "_row_hash", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_products";

-- transaction, data: insert into products__sizes
INSERT INTO "raw"."products__sizes" ("_parent_id", "_ordinal", "value", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "value", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_products__sizes";

-- transaction, ddl: create orders
CREATE TABLE "raw"."orders" (
  "id" VARCHAR(65535) NOT NULL,
  "placed_at" TIMESTAMP,
  "day" DATE,
  "total" DOUBLE PRECISION,
  "units" BIGINT,
  "paid" BOOLEAN,
  "note" VARCHAR(65535),
  "customer_name" VARCHAR(65535),
  "customer_mail" VARCHAR(65535),
  "_row_hash" VARCHAR(64) NOT NULL,
  "_run_id" VARCHAR(63) NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL,
  "_deleted_at" TIMESTAMP
) DISTSTYLE KEY DISTKEY ("id") COMPOUND SORTKEY ("id");

-- transaction, ddl: create orders__lines
CREATE TABLE "raw"."orders__lines" (
  "_parent_id" VARCHAR(65535) NOT NULL,
  "_ordinal" BIGINT NOT NULL,
  "sku" VARCHAR(65535),
  "quantity" BIGINT,
  "_run_id" VARCHAR(63) NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL
) DISTSTYLE KEY DISTKEY ("_parent_id") COMPOUND SORTKEY ("_parent_id", "_ordinal");

-- transaction, ddl: create orders__lines__discounts
CREATE TABLE "raw"."orders__lines__discounts" (
  "_parent_id" VARCHAR(65535) NOT NULL,
  "_ordinal" BIGINT NOT NULL,
  "_ordinal_2" BIGINT NOT NULL,
  "code" VARCHAR(65535),
  "amount" DOUBLE PRECISION,
  "_run_id" VARCHAR(63) NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL
) DISTSTYLE KEY DISTKEY ("_parent_id") COMPOUND SORTKEY ("_parent_id", "_ordinal", "_ordinal_2");

-- transaction, ddl: create orders__tags
CREATE TABLE "raw"."orders__tags" (
  "_parent_id" VARCHAR(65535) NOT NULL,
  "_ordinal" BIGINT NOT NULL,
  "value" VARCHAR(65535),
  "_run_id" VARCHAR(63) NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL
) DISTSTYLE KEY DISTKEY ("_parent_id") COMPOUND SORTKEY ("_parent_id", "_ordinal");

-- transaction, data: insert into orders
INSERT INTO "raw"."orders" ("id", "placed_at", "day", "total", "units", "paid", "note", "customer_name", "customer_mail", "_row_hash", "_run_id", "_loaded_at")
SELECT "id", "placed_at", "day", "total", "units", "paid", "note", "customer_name", "customer_mail", "_row_hash", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_orders";

-- transaction, data: insert into orders__lines
INSERT INTO "raw"."orders__lines" ("_parent_id", "_ordinal", "sku", "quantity", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "sku", "quantity", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_orders__lines";

-- transaction, data: insert into orders__tags
INSERT INTO "raw"."orders__tags" ("_parent_id", "_ordinal", "value", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "value", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_orders__tags";

-- transaction, count: count rows
SELECT CAST('products' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(CASE WHEN "_deleted_at" IS NULL THEN 1 END) AS live_rows FROM "raw"."products"
UNION ALL SELECT CAST('products__sizes' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(*) AS live_rows FROM "raw"."products__sizes"
UNION ALL SELECT CAST('orders' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(CASE WHEN "_deleted_at" IS NULL THEN 1 END) AS live_rows FROM "raw"."orders"
UNION ALL SELECT CAST('orders__lines' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(*) AS live_rows FROM "raw"."orders__lines"
UNION ALL SELECT CAST('orders__lines__discounts' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(*) AS live_rows FROM "raw"."orders__lines__discounts"
UNION ALL SELECT CAST('orders__tags' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(*) AS live_rows FROM "raw"."orders__tags";

-- transaction, ledger: forget old registry rows
DELETE FROM "raw"."_tables" WHERE table_name IN ('products', 'products__sizes', 'orders', 'orders__lines', 'orders__lines__discounts', 'orders__tags');

-- transaction, ledger: register tables
INSERT INTO "raw"."_tables" (table_name, collection, source, schema_version, schema_fingerprint, content_sha256, row_count, extracted_at, run_id, loaded_at)
SELECT CAST('products' AS VARCHAR(65535)), CAST('products' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), CAST(10 AS BIGINT), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000'
UNION ALL SELECT CAST('products__sizes' AS VARCHAR(65535)), CAST('products' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), CAST(10 AS BIGINT), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000'
UNION ALL SELECT CAST('orders' AS VARCHAR(65535)), CAST('orders' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), CAST(10 AS BIGINT), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000'
UNION ALL SELECT CAST('orders__lines' AS VARCHAR(65535)), CAST('orders' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), CAST(10 AS BIGINT), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000'
UNION ALL SELECT CAST('orders__lines__discounts' AS VARCHAR(65535)), CAST('orders' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), CAST(0 AS BIGINT), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000'
UNION ALL SELECT CAST('orders__tags' AS VARCHAR(65535)), CAST('orders' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), CAST(10 AS BIGINT), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000';

-- transaction, ledger: insert ledger row
INSERT INTO "raw"."_loads" (run_id, source, manifest_sha256, extracted_at, loaded_at, changed, counts)
VALUES ('r2', 'shop', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', TIMESTAMP '2026-01-02 00:00:00.000', TIMESTAMP '2026-01-03 00:00:00.000000', CAST($1 AS BOOLEAN), CAST($2 AS VARCHAR(65535)));

-- cleanup, stage: drop stage of products
DROP TABLE IF EXISTS "_stage_products";

-- cleanup, stage: drop stage of products__sizes
DROP TABLE IF EXISTS "_stage_products__sizes";

-- cleanup, stage: drop stage of orders
DROP TABLE IF EXISTS "_stage_orders";

-- cleanup, stage: drop stage of orders__lines
DROP TABLE IF EXISTS "_stage_orders__lines";

-- cleanup, stage: drop stage of orders__lines__discounts
DROP TABLE IF EXISTS "_stage_orders__lines__discounts";

-- cleanup, stage: drop stage of orders__tags
DROP TABLE IF EXISTS "_stage_orders__tags";
