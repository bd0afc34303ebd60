import { invalidQuery } from "./api-error.ts";
import { referenceOf, type Session } from "./session.ts";
import { readPath } from "./sql/rewrite.ts";
import { readerOf } from "./sql/reader.ts";
import { type Token, tokenize } from "./sql/tokens.ts";
import { mustBe } from "./views.ts";

/**
 * `CALL BQ.REFRESH_MATERIALIZED_VIEW('project.dataset.view')`, which has nothing to do: a view is evaluated when it is
 * read. @throws ApiError `invalidQuery` for another procedure or table, 404.
 */
export function runCall(session: Session, tokens: readonly Token[]): void {
  const reader = readerOf(tokens);
  reader.expect("CALL");
  const procedure = reader.path().join(".").toUpperCase();
  if (procedure !== "BQ.REFRESH_MATERIALIZED_VIEW") throw invalidQuery(`Procedure not found: ${procedure}`);
  reader.expectSymbol("(");
  const quoted = `\`${reader.text()}\``;
  reader.expectSymbol(")");
  reader.end();
  const reference = referenceOf(session, readPath(tokenize(quoted), 0).path);
  if (reference === null) throw invalidQuery(`Not a materialized view: ${quoted}`);
  mustBe(session.warehouse.table(reference, session.location), "MATERIALIZED_VIEW");
}
