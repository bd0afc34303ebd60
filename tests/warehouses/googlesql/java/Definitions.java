import com.google.zetasql.resolvedast.ResolvedColumn;
import com.google.zetasql.resolvedast.ResolvedCreateStatementEnums.CreateMode;
import com.google.zetasql.resolvedast.ResolvedCreateStatementEnums.CreateScope;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedAddColumnAction;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedAlterAction;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedAlterColumnAction;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedAlterColumnSetDataTypeAction;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedAlterTableStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateMaterializedViewStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateSchemaStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateStatement;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateTableAsSelectStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateTableStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateTableStmtBase;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateViewBase;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedDropColumnAction;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedDropMaterializedViewStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedDropStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedOutputColumn;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedRenameColumnAction;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedSetOptionsAction;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedStatement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Applies what a statement defines to the catalog, and refuses what the engine would refuse in doing so. */
final class Definitions {
  /** https://cloud.google.com/bigquery/docs/clustered-tables#limitations */
  private static final int MOST_CLUSTERING_COLUMNS = 4;

  private Definitions() {}

  /** Whether it changes the definition of something that outlives the script. */
  static boolean apply(ResolvedStatement statement, Catalog catalog) {
    if (statement instanceof ResolvedCreateSchemaStmt) return true;
    if (statement instanceof ResolvedCreateStatement create) return create(create, catalog);
    if (statement instanceof ResolvedAlterTableStmt alter) return alter(alter, catalog);
    if (statement instanceof ResolvedDropMaterializedViewStmt drop) {
      return drop(drop.getNamePath(), drop.getIsIfExists(), catalog);
    }
    if (statement instanceof ResolvedDropStmt drop) {
      String kind = drop.getObjectType();
      return kind.equals("SCHEMA") || drop(drop.getNamePath(), drop.getIsIfExists(), catalog);
    }
    String name = statement.nodeKindString();
    return name.startsWith("Alter") || name.startsWith("Drop") || name.startsWith("Create");
  }

  private static boolean create(ResolvedCreateStatement create, Catalog catalog) {
    if (clusteringOf(create) > MOST_CLUSTERING_COLUMNS) {
      throw new Refusal("Tables can be clustered by at most " + MOST_CLUSTERING_COLUMNS + " columns");
    }
    boolean temporary = create.getCreateScope() == CreateScope.CREATE_TEMP;
    List<Catalog.Column> columns = columnsOf(create, catalog);
    if (columns == null) return !temporary;
    String key = catalog.keyOf(create.getNamePath(), temporary);
    if (temporary && key.contains(".")) throw new Refusal("Temporary table " + key + " cannot be qualified");
    Set<String> names = new HashSet<>();
    for (Catalog.Column column : columns) {
      if (!names.add(fold(column.name()))) throw new Refusal("Duplicate column name " + column.name());
    }
    if (catalog.has(key)) {
      if (create.getCreateMode() == CreateMode.CREATE_IF_NOT_EXISTS) return !temporary;
      if (create.getCreateMode() != CreateMode.CREATE_OR_REPLACE) {
        throw new Refusal("Already Exists: Table " + key);
      }
    }
    catalog.put(key, columns);
    return !temporary;
  }

  private static int clusteringOf(ResolvedCreateStatement create) {
    if (create instanceof ResolvedCreateTableStmt table) return table.getClusterByList().size();
    if (create instanceof ResolvedCreateTableAsSelectStmt table) return table.getClusterByList().size();
    if (create instanceof ResolvedCreateMaterializedViewStmt view) return view.getClusterByList().size();
    return 0;
  }

  /** Null for what is no table. */
  private static List<Catalog.Column> columnsOf(ResolvedCreateStatement create, Catalog catalog) {
    List<Catalog.Column> columns = new ArrayList<>();
    if (create instanceof ResolvedCreateTableStmtBase table) {
      if (table.getLikeTable() != null) {
        return catalog.columnsOf(catalog.keyOf(List.of(table.getLikeTable().getFullName()), false));
      }
      if (table instanceof ResolvedCreateTableStmt plain) {
        var source = plain.getCopyFrom() != null ? plain.getCopyFrom() : plain.getCloneFrom();
        if (source != null) {
          for (ResolvedColumn column : source.getColumnList()) {
            columns.add(new Catalog.Column(column.getName(), column.getType()));
          }
          return columns;
        }
      }
      table.getColumnDefinitionList().forEach((c) -> columns.add(new Catalog.Column(c.getName(), c.getType())));
      return columns;
    }
    if (create instanceof ResolvedCreateViewBase view) {
      for (ResolvedOutputColumn column : view.getOutputColumnList()) {
        columns.add(new Catalog.Column(column.getName(), column.getColumn().getType()));
      }
      return columns;
    }
    return null;
  }

  private static boolean drop(List<String> path, boolean ifExists, Catalog catalog) {
    boolean temporary = path.size() == 1 && catalog.has(fold(path.get(0)));
    String key = catalog.keyOf(path, temporary);
    if (!ifExists) catalog.columnsOf(key);
    catalog.remove(key);
    return !temporary;
  }

  private static boolean alter(ResolvedAlterTableStmt alter, Catalog catalog) {
    String key = catalog.keyOf(alter.getNamePath(), false);
    if (!catalog.has(key) && alter.getIsIfExists()) return true;
    List<Catalog.Column> columns = new ArrayList<>(catalog.columnsOf(key));
    for (ResolvedAlterAction action : alter.getAlterActionList()) change(action, columns, key);
    catalog.put(key, columns);
    return true;
  }

  private static void change(ResolvedAlterAction action, List<Catalog.Column> columns, String key) {
    if (action instanceof ResolvedAddColumnAction add) {
      var column = add.getColumnDefinition();
      if (column.getAnnotations() != null && column.getAnnotations().getNotNull()) {
        throw new Refusal("A column cannot be added as NOT NULL: " + column.getName() + " to " + key);
      }
      if (find(columns, column.getName()) < 0) {
        columns.add(new Catalog.Column(column.getName(), column.getType()));
      } else if (!add.getIsIfNotExists()) {
        throw new Refusal("Column already exists: " + column.getName() + " in " + key);
      }
    } else if (action instanceof ResolvedDropColumnAction drop) {
      if (find(columns, drop.getName()) >= 0) columns.remove(find(columns, drop.getName()));
      else if (!drop.getIsIfExists()) throw missing(drop.getName(), key);
    } else if (action instanceof ResolvedRenameColumnAction rename) {
      int at = find(columns, rename.getName());
      if (at >= 0) columns.set(at, new Catalog.Column(rename.getNewName(), columns.get(at).type()));
      else if (!rename.getIsIfExists()) throw missing(rename.getName(), key);
    } else if (action instanceof ResolvedAlterColumnAction column) {
      int at = find(columns, column.getColumn());
      if (at < 0 && !column.getIsIfExists()) throw missing(column.getColumn(), key);
      if (at >= 0 && column instanceof ResolvedAlterColumnSetDataTypeAction set) {
        columns.set(at, new Catalog.Column(columns.get(at).name(), set.getUpdatedType()));
      }
    } else if (!(action instanceof ResolvedSetOptionsAction)) {
      throw new Refusal("The judge does not know ALTER TABLE with " + action.nodeKindString());
    }
  }

  private static int find(List<Catalog.Column> columns, String name) {
    for (int at = 0; at < columns.size(); at++) {
      if (fold(columns.get(at).name()).equals(fold(name))) return at;
    }
    return -1;
  }

  private static Refusal missing(String column, String key) {
    return new Refusal("Column not found: " + column + " in " + key);
  }

  private static String fold(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
