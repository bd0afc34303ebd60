import { errorFields } from "./errors.ts";
import { cursorOf } from "./cursor.ts";
import { type CopyCommand, copyStatement } from "./grammar-copy.ts";
import { type Kind, recognise } from "./recognise.ts";
import { statementsOf, tokensOf } from "./tokens.ts";
import { type SessionFacts, type Translation, translate } from "./translate.ts";
import type { Fields } from "./wire.ts";

/** What the endpoint does with one statement. */
export type Plan = { readonly sql: string; readonly kind: Kind | "refused" } & (
  | { readonly run: "refuse"; readonly error: Fields }
  | { readonly run: "copy"; readonly command: CopyCommand }
  | { readonly run: "truncate" | "plain"; readonly translation: Translation }
);

export function planOf(sql: string, facts: SessionFacts): Plan {
  const recognised = recognise(sql);
  if (!recognised.ok)
    return {
      sql,
      kind: "refused",
      run: "refuse",
      // Redshift counts characters from 1.
      error: { ...errorFields(recognised.code, recognised.problem), P: String(recognised.at + 1) },
    };
  const { kind } = recognised;
  if (kind === "copy") {
    const tokens = tokensOf(sql).filter(({ text }) => text !== ";");
    return { sql, kind, run: "copy", command: copyStatement(cursorOf(tokens, sql.length)) };
  }
  const rewritten = kind === "create table" || kind === "alter table" ? kind : "rest";
  const translation = translate(sql, rewritten, facts);
  return { sql, kind, run: kind === "truncate" ? "truncate" : "plain", translation };
}

/** The plans of a text of one or more statements; a text of several is run or refused as a whole. */
export function plansOf(text: string, facts: SessionFacts): readonly Plan[] {
  let statements: readonly string[];
  try {
    statements = statementsOf(text);
  } catch {
    // Refused with its position when it is recognised.
    statements = [text];
  }
  const plans = statements.map((sql) => planOf(sql, facts));
  if (plans.length < 2) return plans;
  return plans.map((plan) =>
    plan.run === "copy" || plan.run === "truncate"
      ? {
          sql: plan.sql,
          kind: "refused",
          run: "refuse",
          error: errorFields("0A000", "The stand-in runs COPY and TRUNCATE only in a message of their own"),
        }
      : plan,
  );
}
