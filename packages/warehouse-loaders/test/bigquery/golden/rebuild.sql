-- stage, stage: stage products
{
  "load": {
    "sourceUris": [
      "gs://lake/it's odd/tables/products/run=r2/1.parquet",
      "gs://lake/it's odd/tables/products/run=r2/2.parquet"
    ],
    "sourceFormat": "PARQUET",
    "destinationTable": {
      "projectId": "shop-project",
      "datasetId": "raw",
      "tableId": "_stage_r2_products_e85327d72273"
    },
    "schema": {
      "fields": [
        {
          "name": "id",
          "type": "INT64",
          "mode": "NULLABLE"
        },
        {
          "name": "name",
          "type": "STRING",
          "mode": "NULLABLE"
        },
        {
          "name": "_row_hash",
          "type": "STRING",
          "mode": "NULLABLE"
        }
      ]
    },
    "createDisposition": "CREATE_NEVER",
    "writeDisposition": "WRITE_TRUNCATE"
  }
};

-- stage, stage: stage products__sizes
{
  "load": {
    "sourceUris": [
      "gs://lake/it's odd/tables/products__sizes/run=r2/1.parquet",
      "gs://lake/it's odd/tables/products__sizes/run=r2/2.parquet"
    ],
    "sourceFormat": "PARQUET",
    "destinationTable": {
      "projectId": "shop-project",
      "datasetId": "raw",
      "tableId": "_stage_r2_products__sizes_0fda32d8fa50"
    },
    "schema": {
      "fields": [
        {
          "name": "_parent_id",
          "type": "INT64",
          "mode": "NULLABLE"
        },
        {
          "name": "_ordinal",
          "type": "INT64",
          "mode": "NULLABLE"
        },
        {
          "name": "value",
          "type": "STRING",
          "mode": "NULLABLE"
        }
      ]
    },
    "createDisposition": "CREATE_NEVER",
    "writeDisposition": "WRITE_TRUNCATE"
  }
};

-- reconcile, assert: check stages
SELECT 'stage' AS kind, 'products' AS name, IFNULL(SUM(k.copies), 0) AS n,
  IFNULL(SUM(IF(k.`id` IS NULL, k.copies, 0)), 0) AS null_keys,
  COUNTIF(k.copies > 1) AS duplicate_keys,
  0 AS orphans, 0 AS kept
FROM (SELECT `id`, COUNT(*) AS copies FROM `shop-project.raw._stage_r2_products_e85327d72273` GROUP BY `id`) AS k
UNION ALL
SELECT 'stage' AS kind, 'products__sizes' AS name, IFNULL(SUM(k.copies), 0) AS n,
  IFNULL(SUM(IF(k.`_parent_id` IS NULL OR k.`_ordinal` IS NULL, k.copies, 0)), 0) AS null_keys,
  COUNTIF(k.copies > 1) AS duplicate_keys,
  IFNULL(SUM(IF(p.known IS NULL, k.copies, 0)), 0) AS orphans, 0 AS kept
FROM (SELECT `_parent_id`, `_ordinal`, COUNT(*) AS copies FROM `shop-project.raw._stage_r2_products__sizes_0fda32d8fa50` GROUP BY `_parent_id`, `_ordinal`) AS k
LEFT JOIN (SELECT `id` AS known FROM `shop-project.raw._stage_r2_products_e85327d72273`) AS p ON p.known = k.`_parent_id`
UNION ALL
SELECT 'changes' AS kind, 'products' AS name, COUNTIF(NOT (FALSE)) AS n, 0 AS null_keys, 0 AS duplicate_keys, 0 AS orphans, COUNTIF(FALSE) AS kept
FROM `shop-project.raw.products` AS t
LEFT JOIN (SELECT `id` AS known FROM `shop-project.raw._stage_r2_products_e85327d72273`) AS s ON s.known = t.`id`
WHERE t.`_deleted_at` IS NULL AND s.known IS NULL;

-- transaction, ledger: declare load time
DECLARE _load_time TIMESTAMP;

-- transaction, ledger: begin
BEGIN TRANSACTION;

-- transaction, ledger: take lock
UPDATE `shop-project.raw._lock` SET run_id = 'r2', locked_at = @clock WHERE TRUE;

-- transaction, assert: assert lock
IF NOT ((SELECT COUNT(*) FROM `shop-project.raw._lock`) = 1) THEN
  RAISE USING MESSAGE = 'spacex-etl:LOCK_ROW;';
END IF;

-- transaction, assert: assert ledger
IF NOT ((SELECT COUNT(*) = 1 AND COUNTIF(run_id = 'r2') = 0 FROM `shop-project.raw._loads`)) THEN
  RAISE USING MESSAGE = 'spacex-etl:WAREHOUSE_CHANGED;';
END IF;

-- transaction, assert: count stages
IF NOT ((SELECT COUNT(*) FROM `shop-project.raw._stage_r2_products_e85327d72273`) = 10
  AND (SELECT COUNT(*) FROM `shop-project.raw._stage_r2_products__sizes_0fda32d8fa50`) = 10) THEN
  RAISE USING MESSAGE = 'spacex-etl:STAGE_GONE;';
END IF;

-- transaction, ledger: set load time
SET _load_time = (SELECT GREATEST(@clock, IFNULL(TIMESTAMP_ADD(MAX(loaded_at), INTERVAL 1 MICROSECOND), @clock)) FROM `shop-project.raw._loads`);

-- transaction, count: create counts
CREATE TEMP TABLE `counts_of_load` (position INT64, table_name STRING, live INT64, inserted INT64, updated INT64, undeleted INT64, deleted INT64);

-- transaction, count: find changes of products
CREATE TEMP TABLE `changes_of_products` AS
SELECT COALESCE(s.change_key, t.change_key) AS change_key, MIN(CASE
  WHEN t.change_key IS NULL THEN 'insert'
  WHEN s.change_key IS NULL THEN CASE WHEN FALSE THEN 'kept' ELSE 'delete' END
  WHEN t.`_deleted_at` IS NOT NULL THEN 'undelete'
  ELSE 'update' END) AS action
FROM (SELECT `id` AS change_key, `_row_hash` FROM `shop-project.raw._stage_r2_products_e85327d72273`) AS s
FULL JOIN (SELECT `id` AS change_key, `_row_hash`, `_deleted_at` FROM `shop-project.raw.products`) AS t ON s.change_key = t.change_key
WHERE t.change_key IS NULL
  OR (s.change_key IS NULL AND t.`_deleted_at` IS NULL)
  OR (s.change_key IS NOT NULL AND (TRUE))
GROUP BY 1;

-- transaction, count: count changes of products
INSERT INTO `counts_of_load` (position, table_name, live, inserted, updated, undeleted, deleted)
SELECT 0, 'products', 10 + COUNTIF(action = 'kept'), COUNTIF(action IN ('insert', 'undelete')), COUNTIF(action = 'update'), COUNTIF(action = 'undelete'), COUNTIF(action = 'delete')
FROM `changes_of_products`;

-- transaction, data: delete old versions from products
DELETE FROM `shop-project.raw.products` WHERE `id` IN (SELECT change_key FROM `changes_of_products` WHERE action IN ('insert', 'update', 'undelete'));

-- transaction, data: merge into products
MERGE INTO `shop-project.raw.products` AS t
USING (
  SELECT c.action AS _action, c.change_key AS _key, s.`id`, s.`name`, s.`_row_hash`
  FROM `changes_of_products` AS c
  LEFT JOIN `shop-project.raw._stage_r2_products_e85327d72273` AS s ON s.`id` = c.change_key
  WHERE c.action <> 'kept'
) AS s
ON t.`id` = s._key
WHEN MATCHED AND s._action = 'delete' THEN
  UPDATE SET `_run_id` = 'r2', `_loaded_at` = _load_time, `_deleted_at` = _load_time
WHEN MATCHED THEN
  UPDATE SET `name` = s.`name`, `_row_hash` = s.`_row_hash`, `_run_id` = 'r2', `_loaded_at` = _load_time, `_deleted_at` = NULL
WHEN NOT MATCHED THEN
  INSERT (`id`, `name`, `_row_hash`, `_run_id`, `_loaded_at`)
  VALUES (s.`id`, s.`name`, s.`_row_hash`, 'r2', _load_time);

-- transaction, count: count changes of products__sizes
INSERT INTO `counts_of_load` (position, table_name, live, inserted, updated, undeleted, deleted)
SELECT 1, 'products__sizes', 10, COUNTIF(t.copies IS NULL), COUNTIF(t.copies IS NOT NULL AND s.`_parent_id` IS NOT NULL), 0,
  IFNULL(SUM(t.copies), 0) - COUNTIF(t.copies IS NOT NULL AND s.`_parent_id` IS NOT NULL)
FROM (SELECT `_parent_id`, `_ordinal` FROM `shop-project.raw._stage_r2_products__sizes_0fda32d8fa50` WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_products` WHERE action IN ('insert', 'update', 'undelete'))) AS s
FULL JOIN (SELECT `_parent_id`, `_ordinal`, COUNT(*) AS copies FROM `shop-project.raw.products__sizes` WHERE `_parent_id` NOT IN (SELECT change_key FROM `changes_of_products` WHERE action = 'kept') GROUP BY `_parent_id`, `_ordinal`) AS t ON t.`_parent_id` = s.`_parent_id` AND t.`_ordinal` = s.`_ordinal`;

-- transaction, data: delete from products__sizes
DELETE FROM `shop-project.raw.products__sizes` WHERE `_parent_id` NOT IN (SELECT change_key FROM `changes_of_products` WHERE action = 'kept');

-- transaction, data: insert into products__sizes
INSERT INTO `shop-project.raw.products__sizes` (`_parent_id`, `_ordinal`, `value`, `_run_id`, `_loaded_at`)
SELECT `_parent_id`, `_ordinal`, `value`, 'r2', _load_time
FROM `shop-project.raw._stage_r2_products__sizes_0fda32d8fa50`
WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_products` WHERE action IN ('insert', 'update', 'undelete'));

-- transaction, count: count rows
CREATE TEMP TABLE `rows_after_load` AS
SELECT 'products' AS table_name, COUNT(*) AS live FROM `shop-project.raw.products` WHERE `_deleted_at` IS NULL
UNION ALL
SELECT 'products__sizes' AS table_name, COUNT(*) AS live FROM `shop-project.raw.products__sizes` WHERE TRUE;

-- transaction, assert: assert rows
IF EXISTS (SELECT 1 FROM `rows_after_load` AS l JOIN `counts_of_load` AS c ON c.table_name = l.table_name WHERE l.live <> c.live) THEN
  RAISE USING MESSAGE = (SELECT MIN(FORMAT('spacex-etl:ROWS_AFTER_LOAD %s %d %d;', l.table_name, l.live, c.live)) FROM `rows_after_load` AS l JOIN `counts_of_load` AS c ON c.table_name = l.table_name WHERE l.live <> c.live);
END IF;

-- transaction, ledger: forget old registry rows
DELETE FROM `shop-project.raw._tables` WHERE table_name IN ('products', 'products__sizes');

-- transaction, ledger: register tables
INSERT INTO `shop-project.raw._tables` (table_name, collection, source, schema_version, schema_fingerprint, content_sha256, row_count, extracted_at, run_id, loaded_at) VALUES
  ('products', 'products', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 10, TIMESTAMP '2026-01-02T00:00:00.000Z', 'r2', _load_time),
  ('products__sizes', 'products', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 10, TIMESTAMP '2026-01-02T00:00:00.000Z', 'r2', _load_time);

-- transaction, ledger: insert ledger row
INSERT INTO `shop-project.raw._loads` (run_id, source, manifest_sha256, extracted_at, loaded_at, changed, counts)
SELECT 'r2', 'shop', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', TIMESTAMP '2026-01-02T00:00:00.000Z', _load_time, IFNULL(LOGICAL_OR(inserted + updated + deleted > 0), FALSE), '{' || IFNULL(STRING_AGG(FORMAT('"%s":{"rows":%d,"inserted":%d,"updated":%d,"undeleted":%d,"deleted":%d,"unchanged":%d}', table_name, live, inserted, updated, undeleted, deleted, live - inserted - updated), ',' ORDER BY position), '') || '}'
FROM `counts_of_load`;

-- transaction, ledger: commit
COMMIT TRANSACTION;

-- cleanup, stage: drop stage of products
DROP TABLE IF EXISTS `shop-project.raw._stage_r2_products_e85327d72273`;

-- cleanup, stage: drop stage of products__sizes
DROP TABLE IF EXISTS `shop-project.raw._stage_r2_products__sizes_0fda32d8fa50`;
