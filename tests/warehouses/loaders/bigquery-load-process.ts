import { bigqueryLoader, type BigQueryLoaderOptions } from "@spacex-etl/warehouse-loaders/bigquery";
import { runLoadProcess } from "@spacex-etl/warehouse-loaders/testing";

await runLoadProcess<BigQueryLoaderOptions>((options, { now }) => bigqueryLoader({ ...options, now }));
