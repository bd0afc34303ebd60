/**
 * Google's own analyzer as a judge of BigQuery's SQL. `README.md` says what its yes proves and what it does not.
 *
 *     await using analyzer = await startAnalyzer();
 *     await analyzer.judge({ tables, sql: "SELECT id FROM `project.raw.launches`" });
 *     await analyzer.judgeScript({ tables, statements: ["BEGIN TRANSACTION", merge, "COMMIT TRANSACTION"] });
 */
export { type Analyzer, startAnalyzer } from "./analyzer.ts";
export { type Installed, installGoogleSql } from "./install.ts";
export type { JudgedColumn, JudgedTable, Refused, ScriptVerdict, Surroundings, Verdict } from "./question.ts";
