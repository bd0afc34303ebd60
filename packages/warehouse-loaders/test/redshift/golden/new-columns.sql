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
  "channel" VARCHAR(65535),
  "_row_hash" VARCHAR(65535)
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

-- stage, ddl: create stage of orders__gifts
CREATE TEMP TABLE "_stage_orders__gifts" (
  "_parent_id" VARCHAR(65535),
  "_ordinal" BIGINT,
  "name" VARCHAR(65535)
) DISTSTYLE KEY DISTKEY ("_parent_id");

-- stage, stage: copy orders__gifts
COPY "_stage_orders__gifts"
FROM 's3://lake/it''s \\ odd/copy/run=r2/orders__gifts-2d645c9f419b09bf.manifest'
IAM_ROLE 'arn:aws:iam::123456789012:role/load'
MANIFEST
FORMAT AS PARQUET;

-- stage, count: count copied rows of orders__gifts
SELECT pg_last_copy_count() AS rows;

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
LEFT JOIN (SELECT DISTINCT "id" AS _key FROM "_stage_orders") AS p ON k."_parent_id" = p._key
UNION ALL
SELECT CAST('orders__gifts' AS VARCHAR(127)) AS table_name,
  CAST(coalesce(sum(k._n), 0) AS BIGINT) AS rows,
  CAST(coalesce(sum(CASE WHEN k."_parent_id" IS NULL OR k."_ordinal" IS NULL THEN k._n END), 0) AS BIGINT) AS null_keys,
  count(CASE WHEN k._n > 1 THEN 1 END) AS duplicate_keys,
  CAST(coalesce(sum(CASE WHEN p._key IS NULL THEN k._n END), 0) AS BIGINT) AS orphans
FROM (SELECT "_parent_id", "_ordinal", count(*) AS _n FROM "_stage_orders__gifts" GROUP BY "_parent_id", "_ordinal") AS k
LEFT JOIN (SELECT DISTINCT "id" AS _key FROM "_stage_orders") AS p ON k."_parent_id" = p._key;

-- transaction, assert: lock
LOCK TABLE "raw"."_lock";

-- transaction, assert: assert ledger
SELECT count(*) = 1
  AND count(CASE WHEN run_id = 'r2' THEN 1 END) = 0
  AND coalesce(max(loaded_at) < TIMESTAMP '2026-01-03 00:00:00.000000', true) AS holds
FROM "raw"."_loads";

-- transaction, assert: count stages
SELECT CAST('orders' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_orders"
UNION ALL SELECT CAST('orders__lines' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_orders__lines"
UNION ALL SELECT CAST('orders__lines__discounts' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_orders__lines__discounts"
UNION ALL SELECT CAST('orders__tags' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_orders__tags"
UNION ALL SELECT CAST('orders__gifts' AS VARCHAR(127)) AS table_name, count(*) AS rows FROM "_stage_orders__gifts";

-- transaction, ddl: add orders.channel
ALTER TABLE "raw"."orders" ADD COLUMN "channel" VARCHAR(65535);

-- transaction, ddl: create orders__gifts
CREATE TABLE "raw"."orders__gifts" (
  "_parent_id" VARCHAR(65535) NOT NULL,
  "_ordinal" BIGINT NOT NULL,
  "name" VARCHAR(65535),
  "_run_id" VARCHAR(63) NOT NULL,
  "_loaded_at" TIMESTAMP NOT NULL
) DISTSTYLE KEY DISTKEY ("_parent_id") COMPOUND SORTKEY ("_parent_id", "_ordinal");

-- transaction, count: find changes of orders
CREATE TEMP TABLE "_changes_orders" DISTKEY (_key) AS
SELECT coalesce(s."id", t."id") AS _key, CAST(CASE
  WHEN t."id" IS NULL THEN 'insert'
  WHEN s."id" IS NULL THEN CASE WHEN true THEN 'kept' ELSE 'delete' END
  WHEN t."_deleted_at" IS NOT NULL THEN 'undelete'
  ELSE 'update' END AS VARCHAR(8)) AS _action
FROM (SELECT "id", "_row_hash" FROM "_stage_orders") AS s
FULL JOIN (SELECT "id", "_row_hash", "_deleted_at" FROM "raw"."orders") AS t ON s."id" = t."id"
WHERE t."id" IS NULL
  OR (s."id" IS NULL AND t."_deleted_at" IS NULL)
  OR (s."id" IS NOT NULL AND (t."_deleted_at" IS NOT NULL OR t."_row_hash" <> s."_row_hash" OR t."_row_hash" IS NULL OR s."_row_hash" IS NULL));

-- transaction, count: count changes of orders
SELECT _action AS action, count(DISTINCT _key) AS keys FROM "_changes_orders" GROUP BY _action;

-- transaction, data: delete old versions from orders
DELETE FROM "raw"."orders" WHERE "id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('update', 'undelete'));

-- transaction, data: insert into orders
INSERT INTO "raw"."orders" ("id", "placed_at", "day", "total", "units", "paid", "note", "customer_name", "customer_mail", "channel", "_row_hash", "_run_id", "_loaded_at")
SELECT "id", "placed_at", "day", "total", "units", "paid", "note", "customer_name", "customer_mail", "channel", "_row_hash", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_orders"
WHERE "id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete'));

-- transaction, data: soft-delete from orders
UPDATE "raw"."orders"
SET "_run_id" = 'r2', "_loaded_at" = TIMESTAMP '2026-01-03 00:00:00.000000', "_deleted_at" = TIMESTAMP '2026-01-03 00:00:00.000000'
WHERE "id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('delete')) AND "_deleted_at" IS NULL;

-- transaction, count: count kept rows of orders__lines
SELECT count(*) AS rows FROM "raw"."orders__lines" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('kept'));

-- transaction, count: count rewritten rows of orders__lines
SELECT count(*) AS rows FROM "raw"."orders__lines" AS t
JOIN (SELECT "_parent_id", "_ordinal" FROM "_stage_orders__lines" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'))) AS s ON t."_parent_id" = s."_parent_id" AND t."_ordinal" = s."_ordinal"
WHERE t."_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'));

-- transaction, data: delete from orders__lines
DELETE FROM "raw"."orders__lines" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'));

-- transaction, data: insert into orders__lines
INSERT INTO "raw"."orders__lines" ("_parent_id", "_ordinal", "sku", "quantity", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "sku", "quantity", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_orders__lines"
WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete'));

-- transaction, count: count kept rows of orders__lines__discounts
SELECT count(*) AS rows FROM "raw"."orders__lines__discounts" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('kept'));

-- transaction, count: count rewritten rows of orders__lines__discounts
SELECT count(*) AS rows FROM "raw"."orders__lines__discounts" AS t
JOIN (SELECT "_parent_id", "_ordinal", "_ordinal_2" FROM "_stage_orders__lines__discounts" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'))) AS s ON t."_parent_id" = s."_parent_id" AND t."_ordinal" = s."_ordinal" AND t."_ordinal_2" = s."_ordinal_2"
WHERE t."_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'));

-- transaction, data: delete from orders__lines__discounts
DELETE FROM "raw"."orders__lines__discounts" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'));

-- transaction, data: insert into orders__lines__discounts
INSERT INTO "raw"."orders__lines__discounts" ("_parent_id", "_ordinal", "_ordinal_2", "code", "amount", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "_ordinal_2", "code", "amount", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_orders__lines__discounts"
WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete'));

-- transaction, count: count kept rows of orders__tags
SELECT count(*) AS rows FROM "raw"."orders__tags" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('kept'));

-- transaction, count: count rewritten rows of orders__tags
SELECT count(*) AS rows FROM "raw"."orders__tags" AS t
JOIN (SELECT "_parent_id", "_ordinal" FROM "_stage_orders__tags" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'))) AS s ON t."_parent_id" = s."_parent_id" AND t."_ordinal" = s."_ordinal"
WHERE t."_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'));

-- transaction, data: delete from orders__tags
DELETE FROM "raw"."orders__tags" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'));

-- transaction, data: insert into orders__tags
INSERT INTO "raw"."orders__tags" ("_parent_id", "_ordinal", "value", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "value", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_orders__tags"
WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete'));

-- transaction, count: count kept rows of orders__gifts
SELECT count(*) AS rows FROM "raw"."orders__gifts" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('kept'));

-- transaction, count: count rewritten rows of orders__gifts
SELECT count(*) AS rows FROM "raw"."orders__gifts" AS t
JOIN (SELECT "_parent_id", "_ordinal" FROM "_stage_orders__gifts" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'))) AS s ON t."_parent_id" = s."_parent_id" AND t."_ordinal" = s."_ordinal"
WHERE t."_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'));

-- transaction, data: delete from orders__gifts
DELETE FROM "raw"."orders__gifts" WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete', 'delete'));

-- transaction, data: insert into orders__gifts
INSERT INTO "raw"."orders__gifts" ("_parent_id", "_ordinal", "name", "_run_id", "_loaded_at")
SELECT "_parent_id", "_ordinal", "name", 'r2', TIMESTAMP '2026-01-03 00:00:00.000000'
FROM "_stage_orders__gifts"
WHERE "_parent_id" IN (SELECT _key FROM "_changes_orders" WHERE _action IN ('insert', 'update', 'undelete'));

-- transaction, stage: drop changes of orders
DROP TABLE "_changes_orders";

-- transaction, count: count rows
SELECT CAST('orders' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(CASE WHEN "_deleted_at" IS NULL THEN 1 END) AS live_rows FROM "raw"."orders"
UNION ALL SELECT CAST('orders__lines' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(*) AS live_rows FROM "raw"."orders__lines"
UNION ALL SELECT CAST('orders__lines__discounts' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(*) AS live_rows FROM "raw"."orders__lines__discounts"
UNION ALL SELECT CAST('orders__tags' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(*) AS live_rows FROM "raw"."orders__tags"
UNION ALL SELECT CAST('orders__gifts' AS VARCHAR(127)) AS table_name, count(*) AS rows, count(*) AS live_rows FROM "raw"."orders__gifts";

-- transaction, ledger: forget old registry rows
DELETE FROM "raw"."_tables" WHERE table_name IN ('orders', 'orders__lines', 'orders__lines__discounts', 'orders__tags', 'orders__gifts');

-- transaction, ledger: register tables
INSERT INTO "raw"."_tables" (table_name, collection, source, schema_version, schema_fingerprint, content_sha256, row_count, extracted_at, run_id, loaded_at)
SELECT CAST('orders' AS VARCHAR(65535)), CAST('orders' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), count(*), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000' FROM "raw"."orders" WHERE "_deleted_at" IS NULL
UNION ALL SELECT CAST('orders__lines' AS VARCHAR(65535)), CAST('orders' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), count(*), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000' FROM "raw"."orders__lines"
UNION ALL SELECT CAST('orders__lines__discounts' AS VARCHAR(65535)), CAST('orders' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), count(*), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000' FROM "raw"."orders__lines__discounts"
UNION ALL SELECT CAST('orders__tags' AS VARCHAR(65535)), CAST('orders' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), count(*), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000' FROM "raw"."orders__tags"
UNION ALL SELECT CAST('orders__gifts' AS VARCHAR(65535)), CAST('orders' AS VARCHAR(65535)), CAST('shop' AS VARCHAR(65535)), CAST(1 AS BIGINT), CAST('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' AS VARCHAR(65535)), CAST('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' AS VARCHAR(65535)), count(*), TIMESTAMP '2026-01-02 00:00:00.000', CAST('r2' AS VARCHAR(65535)), TIMESTAMP '2026-01-03 00:00:00.000000' FROM "raw"."orders__gifts";

-- transaction, ledger: insert ledger row
INSERT INTO "raw"."_loads" (run_id, source, manifest_sha256, extracted_at, loaded_at, changed, counts)
VALUES ('r2', 'shop', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', TIMESTAMP '2026-01-02 00:00:00.000', TIMESTAMP '2026-01-03 00:00:00.000000', CAST($1 AS BOOLEAN), CAST($2 AS VARCHAR(65535)));

-- cleanup, stage: drop stage of orders
DROP TABLE IF EXISTS "_stage_orders";

-- cleanup, stage: drop stage of orders__lines
DROP TABLE IF EXISTS "_stage_orders__lines";

-- cleanup, stage: drop stage of orders__lines__discounts
DROP TABLE IF EXISTS "_stage_orders__lines__discounts";

-- cleanup, stage: drop stage of orders__tags
DROP TABLE IF EXISTS "_stage_orders__tags";

-- cleanup, stage: drop stage of orders__gifts
DROP TABLE IF EXISTS "_stage_orders__gifts";
