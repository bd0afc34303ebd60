import com.google.common.collect.ImmutableList;
import com.google.zetasql.Analyzer;
import com.google.zetasql.AnalyzerOptions;
import com.google.zetasql.Constant;
import com.google.zetasql.SimpleCatalog;
import com.google.zetasql.SimpleColumn;
import com.google.zetasql.SimpleConstantProtos.SimpleConstantProto;
import com.google.zetasql.SimpleTable;
import com.google.zetasql.Type;
import com.google.zetasql.TypeFactory;
import com.google.zetasql.ZetaSQLOptions.LanguageFeature;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateTableStmt;
import com.google.zetasql.toolkit.catalog.bigquery.BigQueryCatalog;
import com.google.zetasql.toolkit.catalog.bigquery.LocalBigQueryResourceProvider;
import com.google.zetasql.toolkit.catalog.io.CatalogResources;
import com.google.zetasql.toolkit.options.BigQueryLanguageOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What one request may refer to: BigQuery's functions and types, the declared tables, variables and parameters. */
final class Catalog {
  /** Names are compared without case. */
  record Column(String name, Type type) {}

  static {
    // BigQuery has them; the toolkit's list is older.
    for (LanguageFeature feature :
        List.of(
            LanguageFeature.FEATURE_JSON_CONSTRUCTOR_FUNCTIONS,
            LanguageFeature.FEATURE_JSON_LAX_VALUE_EXTRACTION_FUNCTIONS,
            LanguageFeature.FEATURE_JSON_MUTATOR_FUNCTIONS)) {
      BigQueryLanguageOptions.get().enableLanguageFeature(feature);
    }
  }

  /** BigQuery's functions take long to list, so they are listed once. */
  private static final BigQueryCatalog BUILT_IN =
      new BigQueryCatalog(
          "no-default-project", new LocalBigQueryResourceProvider(CatalogResources.fromJson("{}")));

  private static final Map<String, Type> TYPES = new HashMap<>();

  final AnalyzerOptions options = new AnalyzerOptions();
  final SimpleCatalog simple;

  private final String project;
  private final String dataset;
  private final Map<String, List<Column>> tables = new LinkedHashMap<>();
  private final Map<String, Type> variables = new LinkedHashMap<>();
  private final Map<String, String> assignable = new LinkedHashMap<>();

  /** Project and dataset of names that lack them; null where every name must be full. */
  Catalog(String project, String dataset) {
    this.project = project;
    this.dataset = dataset;
    simple = BUILT_IN.copy().getZetaSQLCatalog();
    options.setLanguageOptions(BigQueryLanguageOptions.get());
    options.setAllowedHintsAndOptions(Options.ALLOWED);
    // https://cloud.google.com/bigquery/docs/reference/system-variables
    Type string = typeOf("STRING");
    Type integer = typeOf("INT64");
    for (String name : List.of("project_id", "dataset_id", "dataset_project_id", "time_zone", "session_id")) {
      options.addSystemVariable(List.of(name), string);
    }
    options.addSystemVariable(List.of("row_count"), integer);
    options.addSystemVariable(List.of("current_job_id"), string);
    options.addSystemVariable(List.of("last_job_id"), string);
    options.addSystemVariable(List.of("transaction_id"), string);
    options.addSystemVariable(List.of("script", "job_id"), string);
    options.addSystemVariable(List.of("script", "num_child_jobs"), integer);
    for (String name : List.of("message", "statement_text", "formatted_stack_trace")) {
      options.addSystemVariable(List.of("error", name), string);
    }
  }

  /** Of a type as SQL writes it, resolved by the analyzer itself. */
  static Type typeOf(String sql) {
    return TYPES.computeIfAbsent(
        sql,
        (text) -> {
          AnalyzerOptions plain = new AnalyzerOptions();
          plain.setLanguageOptions(BigQueryLanguageOptions.get());
          SimpleCatalog builtIn = BUILT_IN.getZetaSQLCatalog();
          // A cast of NULL would do for all types but GEOGRAPHY, of which the program can read no literal.
          String definition = "CREATE TEMP TABLE t (a " + text + ")";
          var create = (ResolvedCreateTableStmt) Analyzer.analyzeStatement(definition, plain, builtIn);
          return create.getColumnDefinitionList().get(0).getType();
        });
  }

  /** The full name, lower case: the analyzer compares names so. A temporary table's is the name alone. */
  String keyOf(List<String> path, boolean temporary) {
    List<String> parts = List.of(String.join(".", path).split("\\."));
    String name = String.join(".", parts).toLowerCase(Locale.ROOT);
    if (parts.size() == 1 && !temporary) {
      if (tables.containsKey(name)) return name;
      if (dataset == null) {
        throw new Refusal("Table \"" + name + "\" must be qualified with a dataset (e.g. dataset.table).");
      }
      return keyOf(List.of(dataset, name), false);
    }
    if (parts.size() == 2) {
      if (project == null) throw new Refusal("Table \"" + name + "\" must be qualified with a project.");
      return (project + "." + name).toLowerCase(Locale.ROOT);
    }
    return name;
  }

  boolean has(String key) {
    return tables.containsKey(key);
  }

  List<Column> columnsOf(String key) {
    List<Column> columns = tables.get(key);
    if (columns == null) throw new Refusal("Not found: Table " + key);
    return columns;
  }

  /** Declares a table, or replaces what is known of it. */
  void put(String key, List<Column> columns) {
    remove(key);
    SimpleTable table = new SimpleTable(key);
    table.setFullName(key);
    for (Column column : columns) {
      table.addSimpleColumn(new SimpleColumn(key, column.name(), column.type()));
    }
    tables.put(key, List.copyOf(columns));
    for (Place place : placesOf(key)) place.catalog().addSimpleTable(place.name(), table);
  }

  void remove(String key) {
    if (tables.remove(key) == null) return;
    for (Place place : placesOf(key)) place.catalog().removeSimpleTable(place.name());
  }

  /** Variables of a script are constants to the analyzer. */
  void declareVariable(String name, Type type) {
    if (variables.putIfAbsent(name.toLowerCase(Locale.ROOT), type) != null) {
      throw new Refusal("Variable '" + name + "' redeclaration is not allowed");
    }
    SimpleConstantProto proto =
        SimpleConstantProto.newBuilder().addNamePath(name).setType(type.serialize()).build();
    simple.addConstant(Constant.deserialize(proto, ImmutableList.of(), TypeFactory.nonUniqueNames()));
  }

  Type variable(String name) {
    Type type = variables.get(name.toLowerCase(Locale.ROOT));
    if (type == null) throw new Refusal("Undeclared variable: " + name);
    return type;
  }

  /** A system variable of a type; no script can name it by chance. */
  String systemVariableOf(Type type) {
    return assignable.computeIfAbsent(
        type.toString(),
        (text) -> {
          String name = "judge_" + assignable.size();
          options.addSystemVariable(List.of(name), type);
          return name;
        });
  }

  private record Place(SimpleCatalog catalog, String name) {}

  /** `p.d.t`, p.d.t, `p.d`.t and p.`d.t` are the same table; so are the forms without a default project or dataset. */
  private List<Place> placesOf(String key) {
    List<String> parts = List.of(key.split("\\."));
    List<Place> places = new ArrayList<>();
    for (int from = 0; from < parts.size(); from++) {
      boolean reachable =
          from == 0
              || (from == 1 && isDefault(project, parts.get(0)))
              || (from == 2 && isDefault(project, parts.get(0)) && isDefault(dataset, parts.get(1)));
      if (reachable) collect(simple, parts.subList(from, parts.size()), places);
    }
    return places;
  }

  private static void collect(SimpleCatalog in, List<String> parts, List<Place> places) {
    places.add(new Place(in, String.join(".", parts)));
    for (int size = 1; size < parts.size(); size++) {
      String name = String.join(".", parts.subList(0, size));
      SimpleCatalog known = in.getCatalog(name);
      SimpleCatalog next = known == null ? in.addNewSimpleCatalog(name) : known;
      collect(next, parts.subList(size, parts.size()), places);
    }
  }

  private static boolean isDefault(String value, String part) {
    return value != null && value.equalsIgnoreCase(part);
  }
}
