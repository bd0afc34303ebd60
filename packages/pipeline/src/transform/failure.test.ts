import { expect, test } from "vitest";
import { dbtFailure } from "./failure.ts";
import type { DbtResults } from "./run-results.ts";

const LOG = "/state/logs/dbt.log";

function resultsOf(...messages: string[]): DbtResults {
  return {
    models: { built: 0, failed: messages.length, skipped: 0 },
    tests: { passed: 0, warned: 0, failed: 0 },
    failures: messages.map((message, index) => ({ node: `model m${index}`, message })),
    warnings: [],
  };
}

const KNOWN = [
  ["Quota exceeded: Your project exceeded quota for free query bytes scanned", "WAREHOUSE_QUOTA", 5],
  [
    "Exceeded rate limits: too many table update operations for this table. For more information, see …",
    "WAREHOUSE_QUOTA",
    5,
  ],
  ["403 GET https://bigquery.googleapis.com/…: rateLimitExceeded", "WAREHOUSE_QUOTA", 5],
  ["Could not serialize access to table p:marts.t due to concurrent update", "WAREHOUSE_CHANGED", 5],
  [
    "Transaction is aborted due to concurrent update against table p:marts.t. Transaction ID: 1",
    "WAREHOUSE_CHANGED",
    5,
  ],
  ["1023", "WAREHOUSE_CHANGED", 5],
  [
    "Serializable isolation violation on table - 105033, transactions forming the cycle",
    "WAREHOUSE_CHANGED",
    5,
  ],
  ["could not complete because of conflict with concurrent transaction", "WAREHOUSE_CHANGED", 5],
  ["('communication error', gaierror(-2, 'Name or service not known'))", "WAREHOUSE_UNREACHABLE", 8],
  ["('connection time out', TimeoutError('timed out'))", "WAREHOUSE_UNREACHABLE", 8],
  ["connection is closed", "WAREHOUSE_UNREACHABLE", 8],
  [
    "HTTPSConnectionPool(host='bigquery.googleapis.com', port=443): Max retries exceeded with url: /bigquery/v2",
    "WAREHOUSE_UNREACHABLE",
    8,
  ],
  [
    "Access Denied: Project p: User does not have bigquery.jobs.create permission in project p.",
    "WAREHOUSE_FORBIDDEN",
    3,
  ],
  [
    "Your default credentials were not found. To set up Application Default Credentials, see …",
    "WAREHOUSE_FORBIDDEN",
    3,
  ],
  [
    "Unable to generate access token, if you're using impersonate_service_account, …",
    "WAREHOUSE_FORBIDDEN",
    3,
  ],
  ['password authentication failed for user "loader"', "WAREHOUSE_FORBIDDEN", 3],
  ["permission denied for schema marts", "WAREHOUSE_FORBIDDEN", 3],
  ["must be owner of relation spacex_launches", "WAREHOUSE_FORBIDDEN", 3],
] as const;

test.each(KNOWN)("%s is %s, of a model and before any", (text, code, exitCode) => {
  const ended = { code: 1, endedBy: null, tail: "" };
  const hint = expect.stringMatching(/^The raw tables are loaded.*dbt\.log\.$/);
  expect(dbtFailure(ended, resultsOf(text), LOG)).toMatchObject({ code, exitCode, hint });
  const tail = `10:00:00  Encountered an error:\nDatabase Error\n  ${text}\n`;
  expect(dbtFailure({ ...ended, tail }, undefined, LOG)).toMatchObject({ code, exitCode, hint });
});

test.each([
  "Syntax error: Expected end of input but got keyword SELECT at [1023:1]",
  "Query exceeded limit for bytes billed: 1000. 10485760 or higher required.",
  'relation "raw.launches" does not exist',
  "[Errno 13] Permission denied: '/state/target'",
  "",
])("%s is the models' own", (text) => {
  const ended = { code: 1, endedBy: null, tail: text };
  for (const results of [resultsOf(text), undefined])
    expect(dbtFailure(ended, results, LOG)).toMatchObject({ code: "DBT_FAILED", exitCode: 9 });
});

test("with a failure beside it that trying again does not mend, a build is no retry", () => {
  const ended = { code: 1, endedBy: null, tail: "" };
  expect(dbtFailure(ended, resultsOf("1023", "column x does not exist"), LOG).code).toBe("DBT_FAILED");
});
