// Adds up the JSON reports of vitest in a folder and prints "N passed, N failed" as a line of its own.
// Prints nothing when there is no report. A file that failed before its first test counts as one failure.
// `--failed`: the last run failed, which its report does not say if the error was outside every test.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? ".";
const reports = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));

const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
const broken = (report) =>
  report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  ).length;

const passed = sum((report) => report.numPassedTests);
const failed = sum((report) => report.numFailedTests + broken(report));
const left = sum((report) => report.numPendingTests + report.numTodoTests);

const success = reports.every((report) => report.success) && process.argv[3] !== "--failed";

if (!success && failed === 0) {
  // No count of tests would be the truth.
  process.stdout.write("A test run failed outside its tests; see above.\n");
} else if (reports.length > 0) {
  if (left > 0) process.stdout.write(`${left} skipped\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
}
