import { type Cursor, GrammarError } from "./cursor.ts";
import { column, reference } from "./grammar-column.ts";
import { type Edit, emptyDraft, type Reading, type TableAttributes } from "./table-reading.ts";

export interface TableDefinition {
  /** As written, with its schema. */
  readonly table: string;
  readonly attributes: TableAttributes;
  readonly edits: readonly Edit[];
}

/** CREATE TABLE with columns, and CREATE TABLE AS. */
export function createTable(cursor: Cursor): TableDefinition {
  cursor.expect("create");
  cursor.take("local");
  if (!cursor.take("temporary")) cursor.take("temp");
  cursor.expect("table");
  cursor.take("if", "not", "exists");
  const name = cursor.qualified("a table");
  const reading: Reading = {
    cursor,
    table: name.at(-1)?.value ?? "",
    edits: [],
    draft: emptyDraft(),
  };
  const defined = cursor.is("(") && !(cursor.peek(2)?.text === "," || cursor.peek(2)?.text === ")");
  if (defined) members(reading);
  else if (cursor.is("(")) cursor.names("a column");
  tableAttributes(reading);
  if (!defined) {
    cursor.expect("as");
    if (!cursor.is("select") && !cursor.is("with") && !cursor.is("(")) cursor.fail("a query");
    cursor.expression("a query", []);
  }
  const table = name.map(({ value }) => `"${value.replaceAll('"', '""')}"`).join(".");
  return { table, attributes: reading.draft, edits: reading.edits };
}

/** ALTER TABLE: ADD of one column, RENAME, DROP COLUMN and OWNER TO. APPEND and ALTER COLUMN are not run. */
export function alterTable(cursor: Cursor): readonly Edit[] {
  cursor.expect("alter", "table");
  const table = cursor.qualified("a table").at(-1)?.value ?? "";
  const edits: Edit[] = [];
  const at = cursor.peek()?.at ?? 0;
  if (cursor.take("add")) {
    cursor.take("column");
    const found = column({ cursor, table, edits, draft: emptyDraft() }, false);
    if (found.notNull && !found.hasDefault)
      throw new GrammarError(
        "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression",
        at,
        "0A000",
      );
  } else if (cursor.take("rename")) {
    if (!cursor.take("to")) {
      cursor.expect("column");
      cursor.name("a column");
      cursor.expect("to");
    }
    cursor.name("a name");
  } else if (cursor.take("drop")) {
    cursor.take("column");
    cursor.name("a column");
    if (!cursor.take("restrict")) cursor.take("cascade");
  } else if (cursor.take("owner", "to")) cursor.name("a user");
  else if (cursor.is("append") || cursor.is("alter"))
    throw new GrammarError(
      `The stand-in does not run ALTER TABLE ${cursor.is("append") ? "APPEND" : "… ALTER"}`,
      at,
      "0A000",
    );
  else cursor.fail("ADD, RENAME, DROP or OWNER TO");
  return edits;
}

function members(reading: Reading): void {
  const { cursor, draft, edits } = reading;
  cursor.expect("(");
  let kept = 0;
  let commaAt = 0;
  const types = new Map<string, number>();
  do {
    const from = cursor.peek()?.at ?? 0;
    if (cursor.take("like")) {
      cursor.qualified("a table");
      const to = cursor.peek()?.at ?? 0;
      if (!cursor.take("including", "defaults")) cursor.take("excluding", "defaults");
      // Lengths in bytes are constraints here.
      edits.push({ from: to, to, text: " INCLUDING CONSTRAINTS " });
      kept++;
    } else if (
      cursor.is("primary") ||
      cursor.is("unique") ||
      cursor.is("foreign") ||
      cursor.is("constraint")
    ) {
      constraint(reading);
      // Away with one of its commas.
      const to = kept > 0 ? cursor.peek()?.at : cursor.peek()?.end;
      edits.push({ from: kept > 0 ? commaAt : from, to: to ?? from, text: "" });
    } else {
      types.set(cursor.peek()?.value ?? "", edits.length);
      column(reading, true);
      kept++;
    }
    commaAt = cursor.peek()?.at ?? 0;
  } while (cursor.take(","));
  if (kept === 0) cursor.fail("a column");
  cursor.expect(")");
  // Redshift makes the columns of a primary key NOT NULL, and enforces no more of it.
  for (const name of draft.primaryKey) {
    const at = types.get(name);
    const edit = at === undefined ? undefined : edits[at];
    if (at !== undefined && edit !== undefined) edits[at] = { ...edit, text: `${edit.text} NOT NULL` };
  }
}

function constraint({ cursor, draft }: Reading): void {
  if (cursor.take("constraint")) cursor.name("a name");
  if (cursor.take("primary", "key")) draft.primaryKey = cursor.names("a column").map(({ value }) => value);
  else if (cursor.take("unique")) draft.unique.push(cursor.names("a column").map(({ value }) => value));
  else {
    cursor.expect("foreign", "key");
    const columns = cursor.names("a column").map(({ value }) => value);
    cursor.expect("references");
    draft.foreignKeys.push({ columns, references: reference(cursor) });
  }
}

function tableAttributes({ cursor, draft, edits }: Reading): void {
  const from = cursor.peek()?.at;
  if (from === undefined) return;
  for (;;) {
    if (cursor.take("backup")) {
      draft.backup = cursor.take("yes");
      if (!draft.backup) cursor.expect("no");
    } else if (cursor.take("diststyle")) {
      const style = (["auto", "even", "all", "key"] as const).find((word) => cursor.take(word));
      draft.distStyle = style ?? cursor.fail("AUTO, EVEN, ALL or KEY");
    } else if (cursor.take("distkey")) {
      const [key, ...more] = cursor.names("a column");
      if (more.length > 0) cursor.fail("one DISTKEY");
      draft.distKey = key?.value;
      draft.distStyle ??= "key";
    } else if (cursor.take("sortkey", "auto")) draft.sortKeys = [];
    else if (cursor.is("sortkey") || cursor.is("compound") || cursor.is("interleaved")) {
      draft.interleaved = cursor.take("interleaved");
      cursor.take("compound");
      cursor.expect("sortkey");
      draft.sortKeys = cursor.names("a column").map(({ value }) => value);
    } else if (cursor.take("encode", "auto")) continue;
    else break;
  }
  const to = cursor.peek(-1)?.end ?? from;
  if (to > from) edits.push({ from, to, text: "" });
}
