-- stage, stage: stage products
CREATE OR REPLACE TEMP TABLE temp.main."_stage_products" AS
SELECT "id", "name", "_row_hash", file_index AS _file, file_row_number AS _file_row
FROM read_parquet(['/lake/it''s [[]odd]/tables/products/run=r2/1.parquet', '/lake/it''s [[]odd]/tables/products/run=r2/2.parquet'], hive_partitioning = false);

-- stage, stage: stage products__sizes
CREATE OR REPLACE TEMP TABLE temp.main."_stage_products__sizes" AS
SELECT "_parent_id", "_ordinal", "value", file_index AS _file, file_row_number AS _file_row
FROM read_parquet(['/lake/it''s [[]odd]/tables/products__sizes/run=r2/1.parquet', '/lake/it''s [[]odd]/tables/products__sizes/run=r2/2.parquet'], hive_partitioning = false);

-- reconcile, assert: check small stages
SELECT table_name,
  CAST(coalesce(sum(_n), 0) AS BIGINT) AS rows,
  CAST(coalesce(sum(_n) FILTER (missing), 0) AS BIGINT) AS null_keys,
  count(*) FILTER (_n > 1) AS duplicate_keys,
  CAST(coalesce(sum(_n) FILTER (parent IS NOT NULL AND _known IS NULL), 0) AS BIGINT) AS orphans
FROM (SELECT *, count(*) AS _n FROM (
  SELECT 'products' AS table_name, CAST(NULL AS VARCHAR) AS parent, CAST("id" AS VARCHAR) AS key_1, NULL AS key_2, "id" IS NULL AS missing FROM temp.main."_stage_products"
  UNION ALL
  SELECT 'products__sizes' AS table_name, 'products' AS parent, CAST("_parent_id" AS VARCHAR) AS key_1, CAST("_ordinal" AS VARCHAR) AS key_2, "_parent_id" IS NULL OR "_ordinal" IS NULL AS missing FROM temp.main."_stage_products__sizes"
) GROUP BY ALL)
LEFT JOIN (
  SELECT 'products' AS parent, CAST("id" AS VARCHAR) AS key_1, true AS _known FROM temp.main."_stage_products"
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
SELECT 'products' AS table_name, count(*) AS rows FROM temp.main."_stage_products"
UNION ALL SELECT 'products__sizes' AS table_name, count(*) AS rows FROM temp.main."_stage_products__sizes";

-- transaction, ledger: set load time
SET VARIABLE load_time = (SELECT greatest(TIMESTAMP '2026-01-03 00:00:00.000', max(loaded_at) + INTERVAL 1 MICROSECOND) FROM "warehouse"."raw"."_loads");

-- transaction, count: find changes of products
CREATE OR REPLACE TEMP TABLE temp.main."_changes_products" AS
SELECT coalesce(s."id", t."id") AS key, t.target, CASE
  WHEN t."id" IS NULL THEN 'insert'
  WHEN s."id" IS NULL THEN CASE WHEN false THEN 'kept' ELSE 'delete' END
  WHEN t."_deleted_at" IS NOT NULL THEN 'undelete'
  ELSE 'update' END AS action
FROM (SELECT "id", "_row_hash" FROM temp.main."_stage_products") AS s
FULL JOIN (SELECT rowid AS target, "id", "_row_hash", "_deleted_at" FROM "warehouse"."raw"."products") AS t ON s."id" = t."id"
WHERE t."id" IS NULL
  OR (s."id" IS NULL AND t."_deleted_at" IS NULL)
  OR (s."id" IS NOT NULL AND (true));

-- transaction, count: count changes of products
SELECT action, count(DISTINCT key) AS keys FROM temp.main."_changes_products" GROUP BY action;

-- transaction, data: delete old versions from products
DELETE FROM "warehouse"."raw"."products" WHERE rowid IN (SELECT target FROM temp.main."_changes_products" WHERE action IN ('update', 'undelete'));

-- transaction, data: insert into products
INSERT INTO "warehouse"."raw"."products" ("id", "name", "_row_hash", "_run_id", "_loaded_at")
SELECT "id", "name", "_row_hash", 'r2', getvariable('load_time')
FROM temp.main."_stage_products"
WHERE "id" IN (SELECT key FROM temp.main."_changes_products" WHERE action IN ('insert', 'update', 'undelete'))
ORDER BY _file, _file_row;

-- transaction, data: soft-delete from products
UPDATE "warehouse"."raw"."products"
SET "_run_id" = 'r2', "_loaded_at" = getvariable('load_time'), "_deleted_at" = getvariable('load_time')
WHERE rowid IN (SELECT target FROM temp.main."_changes_products" WHERE action = 'delete');

-- transaction, count: count kept rows of products__sizes
SELECT count(*) AS rows FROM "warehouse"."raw"."products__sizes" WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_products" WHERE action = 'kept');

-- transaction, count: count rewritten rows of products__sizes
SELECT count(*) AS rows FROM "warehouse"."raw"."products__sizes" AS t
SEMI JOIN (SELECT * FROM temp.main."_stage_products__sizes" WHERE "_parent_id" NOT IN (SELECT key FROM temp.main."_changes_products" WHERE action = 'kept')) AS s ON t."_parent_id" = s."_parent_id" AND t."_ordinal" = s."_ordinal"
WHERE t."_parent_id" NOT IN (SELECT key FROM temp.main."_changes_products" WHERE action = 'kept');

-- transaction, data: delete from products__sizes
DELETE FROM "warehouse"."raw"."products__sizes" WHERE "_parent_id" NOT IN (SELECT key FROM temp.main."_changes_products" WHERE action = 'kept');

-- transaction, data: insert into products__sizes
INSERT INTO "warehouse"."raw"."products__sizes" ("_parent_id", "_ordinal", "value", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "value", 'r2', getvariable('load_time')
FROM temp.main."_stage_products__sizes"
WHERE "_parent_id" IN (SELECT key FROM temp.main."_changes_products" WHERE action IN ('insert', 'update', 'undelete'))
ORDER BY _file, _file_row;

-- transaction, stage: drop changes of products
DROP TABLE temp.main."_changes_products";

-- transaction, count: count rows
SELECT 'products' AS table_name, count(*) AS rows, count(*) FILTER ("_deleted_at" IS NULL) AS live_rows FROM "warehouse"."raw"."products"
UNION ALL SELECT 'products__sizes' AS table_name, count(*) AS rows, count(*) AS live_rows FROM "warehouse"."raw"."products__sizes";

-- transaction, ledger: forget old registry rows
DELETE FROM "warehouse"."raw"."_tables" WHERE table_name IN ('products', 'products__sizes');

-- transaction, ledger: register tables
INSERT INTO "warehouse"."raw"."_tables" (table_name, collection, source, schema_version, schema_fingerprint, content_sha256, row_count, extracted_at, run_id, loaded_at) VALUES
  ('products', 'products', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."products" WHERE "_deleted_at" IS NULL), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time')),
  ('products__sizes', 'products', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', (SELECT count(*) FROM "warehouse"."raw"."products__sizes"), TIMESTAMP '2026-01-02 00:00:00.000', 'r2', getvariable('load_time'));

-- transaction, ledger: insert ledger row
INSERT INTO "warehouse"."raw"."_loads" (run_id, source, manifest_sha256, extracted_at, loaded_at, changed, counts)
VALUES ('r2', 'shop', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', TIMESTAMP '2026-01-02 00:00:00.000', getvariable('load_time'), getvariable('load_changed'), getvariable('load_counts'));
