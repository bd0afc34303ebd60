-- schema, ddl: create dataset
CREATE SCHEMA IF NOT EXISTS `shop-project.raw`
OPTIONS (location = 'EU', default_kms_key_name = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k', labels = [('team', 'shop')]);

-- schema, ddl: create _loads
CREATE TABLE IF NOT EXISTS `shop-project.raw._loads` (
  `run_id` STRING NOT NULL,
  `source` STRING NOT NULL,
  `manifest_sha256` STRING NOT NULL,
  `extracted_at` TIMESTAMP NOT NULL,
  `loaded_at` TIMESTAMP NOT NULL,
  `changed` BOOL NOT NULL OPTIONS (description = 'Whether any row or column changed.'),
  `counts` STRING NOT NULL OPTIONS (description = 'JSON: table → counts.')
)
OPTIONS (description = 'The ledger: one row per load, written in the transaction of its data.', labels = [('team', 'shop')], kms_key_name = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k');

-- schema, ddl: create _tables
CREATE TABLE IF NOT EXISTS `shop-project.raw._tables` (
  `table_name` STRING NOT NULL,
  `collection` STRING NOT NULL,
  `source` STRING NOT NULL,
  `schema_version` INT64 NOT NULL,
  `schema_fingerprint` STRING NOT NULL,
  `content_sha256` STRING NOT NULL,
  `row_count` INT64 NOT NULL OPTIONS (description = 'Live rows after the load.'),
  `extracted_at` TIMESTAMP NOT NULL,
  `run_id` STRING NOT NULL,
  `loaded_at` TIMESTAMP NOT NULL OPTIONS (description = 'Last load that wrote or confirmed the content.')
)
OPTIONS (description = 'What the newest load left in each table.', labels = [('team', 'shop')], kms_key_name = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k');

-- schema, ddl: create _transforms
CREATE TABLE IF NOT EXISTS `shop-project.raw._transforms` (
  `project_sha256` STRING NOT NULL,
  `run_id` STRING NOT NULL,
  `changed_at` TIMESTAMP,
  `finished_at` TIMESTAMP NOT NULL
)
OPTIONS (description = 'Successful transforms.', labels = [('team', 'shop')], kms_key_name = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k');

-- schema, ddl: create _lock
CREATE TABLE IF NOT EXISTS `shop-project.raw._lock`
OPTIONS (description = 'One row, which every load updates: of two loads at once BigQuery then aborts one.', labels = [('team', 'shop')], kms_key_name = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k')
AS SELECT '' AS run_id, TIMESTAMP '1970-01-01T00:00:00Z' AS locked_at;

-- schema, ddl: create orders
CREATE TABLE IF NOT EXISTS `shop-project.raw.orders` (
  `id` STRING NOT NULL,
  `placed_at` TIMESTAMP,
  `day` DATE,
  `total` FLOAT64,
  `units` INT64,
  `paid` BOOL,
  `note` STRING,
  `customer_name` STRING,
  `customer_mail` STRING,
  `_row_hash` STRING NOT NULL OPTIONS (description = 'Hash of the row\'s values and of its child rows; changes exactly when one of them does.'),
  `_run_id` STRING NOT NULL OPTIONS (description = 'Run that wrote the row last.'),
  `_loaded_at` TIMESTAMP NOT NULL OPTIONS (description = 'Time of the load that wrote the row last.'),
  `_deleted_at` TIMESTAMP OPTIONS (description = 'Time of the load that no longer found the row; null while it is live.')
)
PARTITION BY DATE(`placed_at`)
CLUSTER BY `id`
OPTIONS (labels = [('team', 'shop')], kms_key_name = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k');

-- schema, ddl: create orders__lines
CREATE TABLE IF NOT EXISTS `shop-project.raw.orders__lines` (
  `_parent_id` STRING NOT NULL OPTIONS (description = 'The id of the row in orders.'),
  `_ordinal` INT64 NOT NULL OPTIONS (description = 'Position in the array, from 0.'),
  `sku` STRING,
  `quantity` INT64,
  `_run_id` STRING NOT NULL OPTIONS (description = 'Run that wrote the row last.'),
  `_loaded_at` TIMESTAMP NOT NULL OPTIONS (description = 'Time of the load that wrote the row last.')
)
CLUSTER BY `_parent_id`, `_ordinal`
OPTIONS (labels = [('team', 'shop')], kms_key_name = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k');

-- schema, ddl: create orders__lines__discounts
CREATE TABLE IF NOT EXISTS `shop-project.raw.orders__lines__discounts` (
  `_parent_id` STRING NOT NULL OPTIONS (description = 'The id of the row in orders.'),
  `_ordinal` INT64 NOT NULL OPTIONS (description = 'Position in the outer array, from 0.'),
  `_ordinal_2` INT64 NOT NULL OPTIONS (description = 'Position in the array, from 0.'),
  `code` STRING,
  `amount` FLOAT64,
  `_run_id` STRING NOT NULL OPTIONS (description = 'Run that wrote the row last.'),
  `_loaded_at` TIMESTAMP NOT NULL OPTIONS (description = 'Time of the load that wrote the row last.')
)
CLUSTER BY `_parent_id`, `_ordinal`, `_ordinal_2`
OPTIONS (labels = [('team', 'shop')], kms_key_name = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k');

-- schema, ddl: create orders__tags
CREATE TABLE IF NOT EXISTS `shop-project.raw.orders__tags` (
  `_parent_id` STRING NOT NULL OPTIONS (description = 'The id of the row in orders.'),
  `_ordinal` INT64 NOT NULL OPTIONS (description = 'Position in the array, from 0.'),
  `value` STRING,
  `_run_id` STRING NOT NULL OPTIONS (description = 'Run that wrote the row last.'),
  `_loaded_at` TIMESTAMP NOT NULL OPTIONS (description = 'Time of the load that wrote the row last.')
)
CLUSTER BY `_parent_id`, `_ordinal`
OPTIONS (labels = [('team', 'shop')], kms_key_name = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k');

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
          "name": "note",
          "type": "STRING",
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
    "writeDisposition": "WRITE_TRUNCATE",
    "destinationEncryptionConfiguration": {
      "kmsKeyName": "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
    }
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
    "writeDisposition": "WRITE_TRUNCATE",
    "destinationEncryptionConfiguration": {
      "kmsKeyName": "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
    }
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
    "writeDisposition": "WRITE_TRUNCATE",
    "destinationEncryptionConfiguration": {
      "kmsKeyName": "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
    }
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
LEFT JOIN (SELECT `id` AS known FROM `shop-project.raw._stage_r2_orders_1168f62039f6`) AS p ON p.known = k.`_parent_id`;

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
IF NOT ((SELECT COUNT(*) = 0 AND COUNTIF(run_id = 'r2') = 0 FROM `shop-project.raw._loads`)) THEN
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

-- transaction, count: enter known counts
INSERT INTO `counts_of_load` (position, table_name, live, inserted, updated, undeleted, deleted)
VALUES (0, 'orders', 10, 10, 0, 0, 0),
  (1, 'orders__lines', 10, 10, 0, 0, 0),
  (2, 'orders__lines__discounts', 0, 0, 0, 0, 0),
  (3, 'orders__tags', 10, 10, 0, 0, 0);

-- transaction, data: insert into orders
INSERT INTO `shop-project.raw.orders` (`id`, `placed_at`, `day`, `total`, `units`, `paid`, `note`, `customer_name`, `customer_mail`, `_row_hash`, `_run_id`, `_loaded_at`)
SELECT `id`, `placed_at`, `day`, `total`, `units`, `paid`, `note`, `customer_name`, `customer_mail`, `_row_hash`, 'r2', _load_time
FROM `shop-project.raw._stage_r2_orders_1168f62039f6`;

-- transaction, data: insert into orders__lines
INSERT INTO `shop-project.raw.orders__lines` (`_parent_id`, `_ordinal`, `sku`, `quantity`, `_run_id`, `_loaded_at`)
SELECT `_parent_id`, `_ordinal`, `sku`, `quantity`, 'r2', _load_time
FROM `shop-project.raw._stage_r2_orders__lines_260d3c025145`;

-- transaction, data: insert into orders__tags
INSERT INTO `shop-project.raw.orders__tags` (`_parent_id`, `_ordinal`, `value`, `_run_id`, `_loaded_at`)
SELECT `_parent_id`, `_ordinal`, `value`, 'r2', _load_time
FROM `shop-project.raw._stage_r2_orders__tags_7b81eb61be18`;

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
SELECT 'r2', 'shop', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', TIMESTAMP '2026-01-02T00:00:00.000Z', _load_time, TRUE, '{' || IFNULL(STRING_AGG(FORMAT('"%s":{"rows":%d,"inserted":%d,"updated":%d,"undeleted":%d,"deleted":%d,"unchanged":%d}', table_name, live, inserted, updated, undeleted, deleted, live - inserted - updated), ',' ORDER BY position), '') || '}'
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
