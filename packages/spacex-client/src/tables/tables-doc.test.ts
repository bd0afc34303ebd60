import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("docs/tables.md says what the schemas say", async () => {
  const root = fileURLToPath(new URL("../../../../", import.meta.url));
  const script = ["--conditions=@spacex-etl/source", "scripts/generate-tables-doc.ts", "--check"];
  const { stdout } = await promisify(execFile)(process.execPath, script, { cwd: root });
  expect(stdout).toContain("up to date");
});
