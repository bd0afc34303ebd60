-- stage, stage: stage orders
{
  "load": {
    "sourceUris": [
      "gs://lake/it's odd/tables/orders/run=r2/1.parquet",
      "gs://lake/it's odd/tables/orders/run=r2/2.parquet"
    ],
    "sourceFormat": "PARQUET",
    "destinationTable": {
      "projectId": "shop-project",
      "datasetId": "raw",
      "tableId": "_stage_r2_orders_1168f62039f6"
    },
    "schema": {
      "fields": [
        {
          "name": "id",
          "type": "STRING",
          "mode": "NULLABLE"
        },
        {
          "name": "placed_at",
          "type": "TIMESTAMP",
          "mode": "NULLABLE"
        },
        {
          "name": "day",
          "type": "DATE",
          "mode": "NULLABLE"
        },
        {
          "name": "total",
          "type": "FLOAT64",
          "mode": "NULLABLE"
        },
        {
          "name": "units",
          "type": "INT64",
          "mode": "NULLABLE"
        },
        {
          "name": "paid",
          "type": "BOOL",
          "mode": "NULLABLE"
        },
        {
          "name": "customer_name",
          "type": "STRING",
          "mode": "NULLABLE"
        },
        {
          "name": "customer_mail",
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

-- stage, stage: stage orders__lines
{
  "load": {
    "sourceUris": [
      "gs://lake/it's odd/tables/orders__lines/run=r2/1.parquet",
      "gs://lake/it's odd/tables/orders__lines/run=r2/2.parquet"
    ],
    "sourceFormat": "PARQUET",
    "destinationTable": {
      "projectId": "shop-project",
      "datasetId": "raw",
      "tableId": "_stage_r2_orders__lines_260d3c025145"
    },
    "schema": {
      "fields": [
        {
          "name": "_parent_id",
          "type": "STRING",
          "mode": "NULLABLE"
        },
        {
          "name": "_ordinal",
          "type": "INT64",
          "mode": "NULLABLE"
        },
        {
          "name": "sku",
          "type": "STRING",
          "mode": "NULLABLE"
        },
        {
          "name": "quantity",
          "type": "INT64",
          "mode": "NULLABLE"
        }
      ]
    },
    "createDisposition": "CREATE_NEVER",
    "writeDisposition": "WRITE_TRUNCATE"
  }
};

-- stage, stage: stage orders__tags
{
  "load": {
    "sourceUris": [
      "gs://lake/it's odd/tables/orders__tags/run=r2/1.parquet",
      "gs://lake/it's odd/tables/orders__tags/run=r2/2.parquet"
    ],
    "sourceFormat": "PARQUET",
    "destinationTable": {
      "projectId": "shop-project",
      "datasetId": "raw",
      "tableId": "_stage_r2_orders__tags_7b81eb61be18"
    },
    "schema": {
      "fields": [
        {
          "name": "_parent_id",
          "type": "STRING",
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
SELECT 'stage' AS kind, 'orders' AS name, IFNULL(SUM(k.copies), 0) AS n,
  IFNULL(SUM(IF(k.`id` IS NULL, k.copies, 0)), 0) AS null_keys,
  COUNTIF(k.copies > 1) AS duplicate_keys,
  0 AS orphans, 0 AS kept
FROM (SELECT `id`, COUNT(*) AS copies FROM `shop-project.raw._stage_r2_orders_1168f62039f6` GROUP BY `id`) AS k
UNION ALL
SELECT 'stage' AS kind, 'orders__lines' AS name, IFNULL(SUM(k.copies), 0) AS n,
  IFNULL(SUM(IF(k.`_parent_id` IS NULL OR k.`_ordinal` IS NULL, k.copies, 0)), 0) AS null_keys,
  COUNTIF(k.copies > 1) AS duplicate_keys,
  IFNULL(SUM(IF(p.known IS NULL, k.copies, 0)), 0) AS orphans, 0 AS kept
FROM (SELECT `_parent_id`, `_ordinal`, COUNT(*) AS copies FROM `shop-project.raw._stage_r2_orders__lines_260d3c025145` GROUP BY `_parent_id`, `_ordinal`) AS k
LEFT JOIN (SELECT `id` AS known FROM `shop-project.raw._stage_r2_orders_1168f62039f6`) AS p ON p.known = k.`_parent_id`
UNION ALL
SELECT 'stage' AS kind, 'orders__lines__discounts' AS name, IFNULL(SUM(k.copies), 0) AS n,
  IFNULL(SUM(IF(k.`_parent_id` IS NULL OR k.`_ordinal` IS NULL OR k.`_ordinal_2` IS NULL, k.copies, 0)), 0) AS null_keys,
  COUNTIF(k.copies > 1) AS duplicate_keys,
  IFNULL(SUM(IF(p.known IS NULL, k.copies, 0)), 0) AS orphans, 0 AS kept
FROM (SELECT `_parent_id`, `_ordinal`, `_ordinal_2`, COUNT(*) AS copies FROM `shop-project.raw._stage_r2_orders__lines__discounts_70d8ef93c8af` GROUP BY `_parent_id`, `_ordinal`, `_ordinal_2`) AS k
LEFT JOIN (SELECT `id` AS known FROM `shop-project.raw._stage_r2_orders_1168f62039f6`) AS p ON p.known = k.`_parent_id`
UNION ALL
SELECT 'stage' AS kind, 'orders__tags' AS name, IFNULL(SUM(k.copies), 0) AS n,
  IFNULL(SUM(IF(k.`_parent_id` IS NULL OR k.`_ordinal` IS NULL, k.copies, 0)), 0) AS null_keys,
  COUNTIF(k.copies > 1) AS duplicate_keys,
  IFNULL(SUM(IF(p.known IS NULL, k.copies, 0)), 0) AS orphans, 0 AS kept
FROM (SELECT `_parent_id`, `_ordinal`, COUNT(*) AS copies FROM `shop-project.raw._stage_r2_orders__tags_7b81eb61be18` GROUP BY `_parent_id`, `_ordinal`) AS k
LEFT JOIN (SELECT `id` AS known FROM `shop-project.raw._stage_r2_orders_1168f62039f6`) AS p ON p.known = k.`_parent_id`
UNION ALL
SELECT 'changes' AS kind, 'orders' AS name, COUNTIF(NOT (FALSE)) AS n, 0 AS null_keys, 0 AS duplicate_keys, 0 AS orphans, COUNTIF(FALSE) AS kept
FROM `shop-project.raw.orders` AS t
LEFT JOIN (SELECT `id` AS known FROM `shop-project.raw._stage_r2_orders_1168f62039f6`) AS s ON s.known = t.`id`
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
IF NOT ((SELECT COUNT(*) FROM `shop-project.raw._stage_r2_orders_1168f62039f6`) = 10
  AND (SELECT COUNT(*) FROM `shop-project.raw._stage_r2_orders__lines_260d3c025145`) = 10
  AND (SELECT COUNT(*) FROM `shop-project.raw._stage_r2_orders__lines__discounts_70d8ef93c8af`) = 0
  AND (SELECT COUNT(*) FROM `shop-project.raw._stage_r2_orders__tags_7b81eb61be18`) = 10) THEN
  RAISE USING MESSAGE = 'spacex-etl:STAGE_GONE;';
END IF;

-- transaction, ledger: set load time
SET _load_time = (SELECT GREATEST(@clock, IFNULL(TIMESTAMP_ADD(MAX(loaded_at), INTERVAL 1 MICROSECOND), @clock)) FROM `shop-project.raw._loads`);

-- transaction, count: create counts
CREATE TEMP TABLE `counts_of_load` (position INT64, table_name STRING, live INT64, inserted INT64, updated INT64, undeleted INT64, deleted INT64);

-- transaction, count: find changes of orders
CREATE TEMP TABLE `changes_of_orders` AS
SELECT COALESCE(s.change_key, t.change_key) AS change_key, MIN(CASE
  WHEN t.change_key IS NULL THEN 'insert'
  WHEN s.change_key IS NULL THEN CASE WHEN FALSE THEN 'kept' ELSE 'delete' END
  WHEN t.`_deleted_at` IS NOT NULL THEN 'undelete'
  ELSE 'update' END) AS action
FROM (SELECT `id` AS change_key, `_row_hash` FROM `shop-project.raw._stage_r2_orders_1168f62039f6`) AS s
FULL JOIN (SELECT `id` AS change_key, `_row_hash`, `_deleted_at` FROM `shop-project.raw.orders`) AS t ON s.change_key = t.change_key
WHERE t.change_key IS NULL
  OR (s.change_key IS NULL AND t.`_deleted_at` IS NULL)
  OR (s.change_key IS NOT NULL AND (t.`_deleted_at` IS NOT NULL OR t.`_row_hash` IS NULL OR t.`_row_hash` <> s.`_row_hash`))
GROUP BY 1;

-- transaction, count: count changes of orders
INSERT INTO `counts_of_load` (position, table_name, live, inserted, updated, undeleted, deleted)
SELECT 0, 'orders', 10 + COUNTIF(action = 'kept'), COUNTIF(action IN ('insert', 'undelete')), COUNTIF(action = 'update'), COUNTIF(action = 'undelete'), COUNTIF(action = 'delete')
FROM `changes_of_orders`;

-- transaction, data: merge into orders
MERGE INTO `shop-project.raw.orders` AS t
USING (
  SELECT c.action AS _action, c.change_key AS _key, s.`id`, s.`placed_at`, s.`day`, s.`total`, s.`units`, s.`paid`, s.`customer_name`, s.`customer_mail`, s.`_row_hash`
  FROM `changes_of_orders` AS c
  LEFT JOIN `shop-project.raw._stage_r2_orders_1168f62039f6` AS s ON s.`id` = c.change_key
  WHERE c.action <> 'kept'
) AS s
ON t.`id` = s._key
WHEN MATCHED AND s._action = 'delete' THEN
  UPDATE SET `_run_id` = 'r2', `_loaded_at` = _load_time, `_deleted_at` = _load_time
WHEN MATCHED THEN
  UPDATE SET `placed_at` = s.`placed_at`, `day` = s.`day`, `total` = s.`total`, `units` = s.`units`, `paid` = s.`paid`, `customer_name` = s.`customer_name`, `customer_mail` = s.`customer_mail`, `_row_hash` = s.`_row_hash`, `note` = NULL, `_run_id` = 'r2', `_loaded_at` = _load_time, `_deleted_at` = NULL
WHEN NOT MATCHED THEN
  INSERT (`id`, `placed_at`, `day`, `total`, `units`, `paid`, `customer_name`, `customer_mail`, `_row_hash`, `_run_id`, `_loaded_at`)
  VALUES (s.`id`, s.`placed_at`, s.`day`, s.`total`, s.`units`, s.`paid`, s.`customer_name`, s.`customer_mail`, s.`_row_hash`, 'r2', _load_time);

-- transaction, count: count changes of orders__lines
INSERT INTO `counts_of_load` (position, table_name, live, inserted, updated, undeleted, deleted)
SELECT 1, 'orders__lines', 10, COUNTIF(t.copies IS NULL), COUNTIF(t.copies IS NOT NULL AND s.`_parent_id` IS NOT NULL), 0,
  IFNULL(SUM(t.copies), 0) - COUNTIF(t.copies IS NOT NULL AND s.`_parent_id` IS NOT NULL)
FROM (SELECT `_parent_id`, `_ordinal` FROM `shop-project.raw._stage_r2_orders__lines_260d3c025145` WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_orders` WHERE action IN ('insert', 'update', 'undelete'))) AS s
FULL JOIN (SELECT `_parent_id`, `_ordinal`, COUNT(*) AS copies FROM `shop-project.raw.orders__lines` WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_orders` WHERE action <> 'kept') GROUP BY `_parent_id`, `_ordinal`) AS t ON t.`_parent_id` = s.`_parent_id` AND t.`_ordinal` = s.`_ordinal`;

-- transaction, data: delete from orders__lines
DELETE FROM `shop-project.raw.orders__lines` WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_orders` WHERE action <> 'kept');

-- transaction, data: insert into orders__lines
INSERT INTO `shop-project.raw.orders__lines` (`_parent_id`, `_ordinal`, `sku`, `quantity`, `_run_id`, `_loaded_at`)
SELECT `_parent_id`, `_ordinal`, `sku`, `quantity`, 'r2', _load_time
FROM `shop-project.raw._stage_r2_orders__lines_260d3c025145`
WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_orders` WHERE action IN ('insert', 'update', 'undelete'));

-- transaction, count: count changes of orders__lines__discounts
INSERT INTO `counts_of_load` (position, table_name, live, inserted, updated, undeleted, deleted)
SELECT 2, 'orders__lines__discounts', 0, COUNTIF(t.copies IS NULL), COUNTIF(t.copies IS NOT NULL AND s.`_parent_id` IS NOT NULL), 0,
  IFNULL(SUM(t.copies), 0) - COUNTIF(t.copies IS NOT NULL AND s.`_parent_id` IS NOT NULL)
FROM (SELECT `_parent_id`, `_ordinal`, `_ordinal_2` FROM `shop-project.raw._stage_r2_orders__lines__discounts_70d8ef93c8af` WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_orders` WHERE action IN ('insert', 'update', 'undelete'))) AS s
FULL JOIN (SELECT `_parent_id`, `_ordinal`, `_ordinal_2`, COUNT(*) AS copies FROM `shop-project.raw.orders__lines__discounts` WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_orders` WHERE action <> 'kept') GROUP BY `_parent_id`, `_ordinal`, `_ordinal_2`) AS t ON t.`_parent_id` = s.`_parent_id` AND t.`_ordinal` = s.`_ordinal` AND t.`_ordinal_2` = s.`_ordinal_2`;

-- transaction, data: delete from orders__lines__discounts
DELETE FROM `shop-project.raw.orders__lines__discounts` WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_orders` WHERE action <> 'kept');

-- transaction, count: count changes of orders__tags
INSERT INTO `counts_of_load` (position, table_name, live, inserted, updated, undeleted, deleted)
SELECT 3, 'orders__tags', 10, COUNTIF(t.copies IS NULL), COUNTIF(t.copies IS NOT NULL AND s.`_parent_id` IS NOT NULL), 0,
  IFNULL(SUM(t.copies), 0) - COUNTIF(t.copies IS NOT NULL AND s.`_parent_id` IS NOT NULL)
FROM (SELECT `_parent_id`, `_ordinal` FROM `shop-project.raw._stage_r2_orders__tags_7b81eb61be18` WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_orders` WHERE action IN ('insert', 'update', 'undelete'))) AS s
FULL JOIN (SELECT `_parent_id`, `_ordinal`, COUNT(*) AS copies FROM `shop-project.raw.orders__tags` WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_orders` WHERE action <> 'kept') GROUP BY `_parent_id`, `_ordinal`) AS t ON t.`_parent_id` = s.`_parent_id` AND t.`_ordinal` = s.`_ordinal`;

-- transaction, data: delete from orders__tags
DELETE FROM `shop-project.raw.orders__tags` WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_orders` WHERE action <> 'kept');

-- transaction, data: insert into orders__tags
INSERT INTO `shop-project.raw.orders__tags` (`_parent_id`, `_ordinal`, `value`, `_run_id`, `_loaded_at`)
SELECT `_parent_id`, `_ordinal`, `value`, 'r2', _load_time
FROM `shop-project.raw._stage_r2_orders__tags_7b81eb61be18`
WHERE `_parent_id` IN (SELECT change_key FROM `changes_of_orders` WHERE action IN ('insert', 'update', 'undelete'));

-- transaction, count: count rows
CREATE TEMP TABLE `rows_after_load` AS
SELECT 'orders' AS table_name, COUNT(*) AS live FROM `shop-project.raw.orders` WHERE `_deleted_at` IS NULL
UNION ALL
SELECT 'orders__lines' AS table_name, COUNT(*) AS live FROM `shop-project.raw.orders__lines` WHERE TRUE
UNION ALL
SELECT 'orders__lines__discounts' AS table_name, COUNT(*) AS live FROM `shop-project.raw.orders__lines__discounts` WHERE TRUE
UNION ALL
SELECT 'orders__tags' AS table_name, COUNT(*) AS live FROM `shop-project.raw.orders__tags` WHERE TRUE;

-- transaction, assert: assert rows
IF EXISTS (SELECT 1 FROM `rows_after_load` AS l JOIN `counts_of_load` AS c ON c.table_name = l.table_name WHERE l.live <> c.live) THEN
  RAISE USING MESSAGE = (SELECT MIN(FORMAT('spacex-etl:ROWS_AFTER_LOAD %s %d %d;', l.table_name, l.live, c.live)) FROM `rows_after_load` AS l JOIN `counts_of_load` AS c ON c.table_name = l.table_name WHERE l.live <> c.live);
END IF;

-- transaction, ledger: forget old registry rows
DELETE FROM `shop-project.raw._tables` WHERE table_name IN ('orders', 'orders__lines', 'orders__lines__discounts', 'orders__tags');

-- transaction, ledger: register tables
INSERT INTO `shop-project.raw._tables` (table_name, collection, source, schema_version, schema_fingerprint, content_sha256, row_count, extracted_at, run_id, loaded_at) VALUES
  ('orders', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 10, TIMESTAMP '2026-01-02T00:00:00.000Z', 'r2', _load_time),
  ('orders__lines', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 10, TIMESTAMP '2026-01-02T00:00:00.000Z', 'r2', _load_time),
  ('orders__lines__discounts', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 0, TIMESTAMP '2026-01-02T00:00:00.000Z', 'r2', _load_time),
  ('orders__tags', 'orders', 'shop', 1, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 10, TIMESTAMP '2026-01-02T00:00:00.000Z', 'r2', _load_time);

-- transaction, ledger: insert ledger row
INSERT INTO `shop-project.raw._loads` (run_id, source, manifest_sha256, extracted_at, loaded_at, changed, counts)
SELECT 'r2', 'shop', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', TIMESTAMP '2026-01-02T00:00:00.000Z', _load_time, IFNULL(LOGICAL_OR(inserted + updated + deleted > 0), FALSE), '{' || IFNULL(STRING_AGG(FORMAT('"%s":{"rows":%d,"inserted":%d,"updated":%d,"undeleted":%d,"deleted":%d,"unchanged":%d}', table_name, live, inserted, updated, undeleted, deleted, live - inserted - updated), ',' ORDER BY position), '') || '}'
FROM `counts_of_load`;

-- transaction, ledger: commit
COMMIT TRANSACTION;

-- cleanup, stage: drop stage of orders
DROP TABLE IF EXISTS `shop-project.raw._stage_r2_orders_1168f62039f6`;

-- cleanup, stage: drop stage of orders__lines
DROP TABLE IF EXISTS `shop-project.raw._stage_r2_orders__lines_260d3c025145`;

-- cleanup, stage: drop stage of orders__lines__discounts
DROP TABLE IF EXISTS `shop-project.raw._stage_r2_orders__lines__discounts_70d8ef93c8af`;

-- cleanup, stage: drop stage of orders__tags
DROP TABLE IF EXISTS `shop-project.raw._stage_r2_orders__tags_7b81eb61be18`;
