import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ROOT } from "../../harness/cli.ts";
import { dbtExecutable, temporaryFolder } from "../../harness/workspace.ts";

interface Manifest {
  readonly nodes: Readonly<Record<string, { readonly resource_type: string; readonly schema: string }>>;
  readonly sources: Readonly<Record<string, { readonly schema: string }>>;
}

/** Schemas of sources and models, as dbt reads them out of the project. */
async function schemasWith(vars: object): Promise<{ readonly raw: string[]; readonly models: string[] }> {
  using folder = temporaryFolder();
  const project = join(ROOT, "dbt");
  const dbt = dbtExecutable() ?? expect.unreachable("dbt is not set up: run npm start once");
  await promisify(execFile)(dbt, ["parse", "--vars", JSON.stringify(vars)], {
    cwd: project,
    env: {
      ...process.env,
      DBT_PROFILES_DIR: project,
      DBT_TARGET_PATH: join(folder.path, "target"),
      DBT_LOG_PATH: join(folder.path, "logs"),
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
  const text = readFileSync(join(folder.path, "target", "manifest.json"), "utf8");
  const { nodes, sources } = JSON.parse(text) as Manifest;
  const models = Object.values(nodes).filter(({ resource_type }) => resource_type === "model");
  const different = (found: readonly { readonly schema: string }[]): string[] =>
    [...new Set(found.map(({ schema }) => schema))].toSorted();
  return { raw: different(Object.values(sources)), models: different(models) };
}

test("each raw schema has a staging and marts of its own", async () => {
  expect(await schemasWith({})).toEqual({ raw: ["raw"], models: ["marts", "staging"] });
  expect(await schemasWith({ raw_schema: "ada", schema_prefix: "ada_" })).toEqual({
    raw: ["ada"],
    models: ["ada_marts", "ada_staging"],
  });
}, 120_000);
