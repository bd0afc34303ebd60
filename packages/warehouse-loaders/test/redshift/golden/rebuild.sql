-- stage, ddl: create stage of products
CREATE TEMP TABLE "_stage_products" (
  "id" BIGINT,
  "name" VARCHAR(65535),
  "_row_hash" VARCHAR(65535)
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

-- transaction, assert: lock
LOCK TABLE "raw"."_lock";

-- transaction, assert: assert ledger
SELECT count(*) = 1
  AND count(CASE WHEN run_id = 'r2' THEN 1 END) = 0
  AND coalesce(max(loaded_at) < TIMESTAMP '2026-01-03 00:00:00.000000', true) AS holds
FROM "raw"."_loads";

-- transaction, assert: count stages
SELECT CAST('products' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_products"
UNION ALL SELECT CAST('products__sizes' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_products__sizes";

-- transaction, count: find changes of products
CREATE TEMP TABLE "_changes_products" DISTKEY (_key) AS
SELECT coalesce(s."id", t."id") AS _key, CAST(CASE
  WHEN t."id" IS NULL THEN 'insert'
  WHEN s."id" IS NULL THEN 'delete'
  WHEN t."_deleted_at" IS NOT NULL THEN 'undelete'
  ELSE 'update' END AS VARCHAR(8)) AS _action
FROM (SELECT "id", "_row_hash" FROM "_stage_products") AS s
FULL JOIN (SELECT "id", "_row_hash", "_deleted_at" FROM "raw"."products") AS t ON s."id" = t."id"
WHERE t."id" IS NULL
  OR (s."id" IS NULL AND t."_deleted_at" IS NULL)
  OR (s."id" IS NOT NULL);

-- transaction, count: count changes of products
SELECT _action AS action, count(DISTINCT _key) AS keys FROM "_changes_products" GROUP BY _action;

-- transaction, data: delete old versions from products
DELETE FROM "raw"."products" WHERE "id" IN (SELECT _key FROM "_changes_products" WHERE _action IN ('update', 'undelete'));

-- transaction, data: insert into products
INSERT INTO "raw"."products" ("id", "name", "_row_hash", "_run_id", "_loaded_at")
SELECT "id", "name", "_row_hash", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_products"
WHERE "id" IN (SELECT _key FROM "_changes_products" WHERE _action IN ('insert', 'update', 'undelete'));

-- transaction, data: soft-delete from products
UPDATE "raw"."products"
SET "_run_id" = 'r2', "_loaded_at" = TIMESTAMP '2026-01-03 00:00:00.000000', "_deleted_at" = TIMESTAMP '2026-01-03 00:00:00.000000'
WHERE "id" IN (SELECT _key FROM "_changes_products" WHERE _action IN ('delete')) AND "_deleted_at" IS NULL;

-- transaction, count: count kept rows of products__sizes
SELECT count(*) AS rows FROM "raw"."products__sizes" WHERE "_parent_id" IN (SELECT _key FROM "_changes_products" WHERE _action IN ('kept'));

-- transaction, count: count rewritten rows of products__sizes
SELECT count(*) AS rows FROM "raw"."products__sizes" AS t
JOIN (SELECT "_parent_id", "_ordinal" FROM "_stage_products__sizes" WHERE "_parent_id" NOT IN (SELECT _key FROM "_changes_products" WHERE _action IN ('kept'))) AS s ON t."_parent_id" = s."_parent_id" AND t."_ordinal" = s."_ordinal"
WHERE t."_parent_id" NOT IN (SELECT _key FROM "_changes_products" WHERE _action IN ('kept'));

-- transaction, data: delete from products__sizes
DELETE FROM "raw"."products__sizes" WHERE "_parent_id" NOT IN (SELECT _key FROM "_changes_products" WHERE _action IN ('kept'));

-- transaction, data: insert into products__sizes
INSERT INTO "raw"."products__sizes" ("_parent_id", "_ordinal", "value", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "value", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_products__sizes"
WHERE "_parent_id" IN (SELECT _key FROM "_changes_products" WHERE _action IN ('insert', 'update', 'undelete'));

-- transaction, stage: drop changes of products
DROP TABLE "_changes_products";

-- transaction, count: count rows
SELECT CAST('products' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(CASE WHEN "_deleted_at" IS NULL THEN 1 END) AS live_rows FROM "raw"."products"
UNION ALL SELECT CAST('products__sizes' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(*) AS live_rows FROM "raw"."products__sizes";

-- transaction, ledger: forget old registry rows
DELETE FROM "raw"."_tables" WHERE table_name IN ('products', 'products__sizes');

-- transaction, ledger: register tables
INSERT INTO "raw"."_tables" (table_name, collection, source, schema_version, schema_fingerprint, content_sha256, row_count, extracted_at, run_id, loaded_at)
SELECT CAST('products' AS VARCHAR(65535)), CAST('products' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), count(*), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000' FROM "raw"."products" WHERE "_deleted_at" IS NULL
UNION ALL SELECT CAST('products__sizes' AS VARCHAR(65535)), CAST('products' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), count(*), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000' FROM "raw"."products__sizes";

-- transaction, ledger: insert ledger row
INSERT INTO "raw"."_loads" (run_id, source, manifest_sha256, extracted_at, loaded_at, changed, counts)
VALUES ('r2', 'shop', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', TIMESTAMP '2026-01-02 00:00:00.000', TIMESTAMP '2026-01-03 00:00:00.000000', CAST($1 AS BOOLEAN), CAST($2 AS VARCHAR(65535)));

-- cleanup, stage: drop stage of products
DROP TABLE IF EXISTS "_stage_products";

-- cleanup, stage: drop stage of products__sizes
DROP TABLE IF EXISTS "_stage_products__sizes";
