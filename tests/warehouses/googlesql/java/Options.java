import com.google.zetasql.AllowedHintsAndOptions;
import com.google.zetasql.Type;

/** What OPTIONS (…) of tables, views, columns and datasets may hold; any other name is refused, as BigQuery does. */
final class Options {
  static final AllowedHintsAndOptions ALLOWED = list();

  private Options() {}

  /** https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language */
  private static AllowedHintsAndOptions list() {
    AllowedHintsAndOptions allowed = new AllowedHintsAndOptions();
    allowed.setDisallowUnknownOptions(true);
    String[][] known = {
      {"STRING", "description", "friendly_name", "kms_key_name", "default_rounding_mode", "rounding_mode"},
      {"STRING", "default_kms_key_name", "location", "storage_billing_model"},
      {"TIMESTAMP", "expiration_timestamp"},
      {"FLOAT64", "partition_expiration_days", "refresh_interval_minutes", "default_table_expiration_days"},
      {"FLOAT64", "default_partition_expiration_days"},
      {"INT64", "max_time_travel_hours"},
      {"BOOL", "require_partition_filter", "enable_refresh", "allow_non_incremental_definition"},
      {"BOOL", "enable_change_history", "is_case_insensitive"},
      {"INTERVAL", "max_staleness"},
      {"ARRAY<STRUCT<STRING, STRING>>", "labels", "tags"},
    };
    for (String[] row : known) {
      Type type = Catalog.typeOf(row[0]);
      for (int at = 1; at < row.length; at++) allowed.addOption(row[at], type);
    }
    return allowed;
  }
}
