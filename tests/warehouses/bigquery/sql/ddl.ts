import { invalidQuery } from "../api-error.ts";
import { type Field, typeOf } from "../resources.ts";
import { readDatasetOptions, readOptions, type TableOptions } from "./options.ts";
import { type Reader, readerOf } from "./reader.ts";
import { isSymbol, type Token } from "./tokens.ts";

export type Alteration =
  | { readonly kind: "add"; readonly field: Field; readonly ifNotExists: boolean }
  | { readonly kind: "relax"; readonly column: string }
  | { readonly kind: "options"; readonly options: TableOptions };

/** TABLE, VIEW or MATERIALIZED VIEW, by the API's names. */
export type Kind = "TABLE" | "VIEW" | "MATERIALIZED_VIEW";

export type Ddl =
  | {
      readonly kind: "create";
      readonly path: readonly string[];
      readonly temporary: boolean;
      readonly exists: "error" | "ignore" | "replace";
      readonly fields: readonly Field[] | null;
      readonly clustering: readonly string[] | null;
      /** A DATE column, or a TIMESTAMP column by day. */
      readonly partition: string | null;
      readonly options: TableOptions;
      readonly query: readonly Token[] | null;
    }
  | {
      readonly kind: "create view";
      readonly of: Exclude<Kind, "TABLE">;
      readonly path: readonly string[];
      readonly exists: "error" | "ignore" | "replace";
      readonly clustering: readonly string[] | null;
      readonly options: TableOptions;
      readonly query: readonly Token[];
    }
  | {
      readonly kind: "create schema";
      readonly path: readonly string[];
      readonly ifNotExists: boolean;
      readonly options: TableOptions;
    }
  | {
      readonly kind: "alter";
      readonly of: Kind;
      readonly path: readonly string[];
      readonly ifExists: boolean;
      readonly changes: readonly Alteration[];
    }
  | { readonly kind: "drop"; readonly of: Kind; readonly path: readonly string[]; readonly ifExists: boolean }
  | { readonly kind: "truncate"; readonly path: readonly string[] };

/**
 * CREATE, ALTER and DROP of a table, view or materialized view, TRUNCATE TABLE and CREATE SCHEMA; as narrow as a loader's
 * and dbt's.
 *
 * @throws ApiError `invalidQuery`.
 */
export function parseDdl(tokens: readonly Token[]): Ddl {
  const reader = readerOf(tokens);
  if (reader.words("CREATE", "SCHEMA")) {
    const ifNotExists = reader.words("IF", "NOT", "EXISTS");
    const path = reader.path();
    const options = reader.words("OPTIONS") ? readDatasetOptions(reader) : {};
    reader.end();
    return { kind: "create schema", path, ifNotExists, options };
  }
  if (reader.words("CREATE")) return create(reader);
  if (reader.words("TRUNCATE", "TABLE")) {
    const path = reader.path();
    reader.end();
    return { kind: "truncate", path };
  }
  if (reader.words("DROP")) {
    const of = kind(reader);
    const ifExists = reader.words("IF", "EXISTS");
    const path = reader.path();
    reader.end();
    return { kind: "drop", of, path, ifExists };
  }
  reader.expect("ALTER");
  const of = kind(reader);
  const ifExists = reader.words("IF", "EXISTS");
  const path = reader.path();
  const changes = reader.list(() => alteration(reader, of));
  reader.end();
  return { kind: "alter", of, path, ifExists, changes };
}

function kind(reader: Reader): Kind {
  if (reader.words("MATERIALIZED", "VIEW")) return "MATERIALIZED_VIEW";
  if (reader.words("VIEW")) return "VIEW";
  reader.expect("TABLE");
  return "TABLE";
}

function create(reader: Reader): Ddl {
  const replace = reader.words("OR", "REPLACE");
  const temporary = reader.words("TEMP") || reader.words("TEMPORARY");
  const of = kind(reader);
  if (temporary && of !== "TABLE") throw invalidQuery(`CREATE TEMP ${of} is none that this double knows`);
  const exists = replace ? "replace" : reader.words("IF", "NOT", "EXISTS") ? "ignore" : "error";
  const path = reader.path();
  if (of !== "TABLE") return createView(reader, of, path, exists);
  const fields = reader.symbol("(") ? reader.list(() => column(reader)) : null;
  if (fields !== null) reader.expectSymbol(")");
  const partition = reader.words("PARTITION", "BY") ? partitioning(reader) : null;
  const clustering = reader.words("CLUSTER", "BY") ? reader.list(reader.name) : null;
  const options = reader.words("OPTIONS") ? readOptions(reader) : {};
  const query = reader.words("AS") ? reader.rest() : null;
  reader.end();
  if (fields === null && query === null) throw invalidQuery("CREATE TABLE has neither columns nor a query");
  return { kind: "create", path, temporary, exists, fields, clustering, partition, options, query };
}

function createView(
  reader: Reader,
  of: Exclude<Kind, "TABLE">,
  path: readonly string[],
  exists: "error" | "ignore" | "replace",
): Ddl {
  const materialized = of === "MATERIALIZED_VIEW";
  const clustering = materialized && reader.words("CLUSTER", "BY") ? reader.list(reader.name) : null;
  const options = reader.words("OPTIONS") ? readOptions(reader, materialized) : {};
  reader.expect("AS");
  return { kind: "create view", of, path, exists, clustering, options, query: reader.rest() };
}

function column(reader: Reader): Field {
  const field = { name: reader.name(), type: typeOf(reader.name()).api };
  const mode = reader.words("NOT", "NULL") ? "REQUIRED" : "NULLABLE";
  const { description } = reader.words("OPTIONS") ? readOptions(reader) : {};
  return { ...field, mode, ...(description === undefined ? {} : { description }) };
}

function alteration(reader: Reader, of: Kind): Alteration {
  if (of === "TABLE" && reader.words("ADD", "COLUMN")) {
    const ifNotExists = reader.words("IF", "NOT", "EXISTS");
    return { kind: "add", field: column(reader), ifNotExists };
  }
  if (of === "TABLE" && reader.words("ALTER", "COLUMN")) {
    const changed = reader.name();
    reader.expect("DROP", "NOT", "NULL");
    return { kind: "relax", column: changed };
  }
  reader.expect("SET", "OPTIONS");
  return { kind: "options", options: readOptions(reader, of === "MATERIALIZED_VIEW") };
}

function partitioning(reader: Reader): string {
  const name = reader.name();
  if (!isSymbol(reader.peek(), "(")) return name;
  if (name.toUpperCase() !== "DATE")
    throw invalidQuery(`PARTITION BY ${name}(…) is none that this double knows`);
  reader.expectSymbol("(");
  const of = reader.name();
  reader.expectSymbol(")");
  return of;
}
