import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findDbt } from "./executable.ts";
import { findProject, hashProject } from "./project.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spacex-etl-dbt-"));
  await mkdir(join(folder, "models", "marts"), { recursive: true });
  await writeFile(join(folder, "dbt_project.yml"), "name: small\n");
  await writeFile(join(folder, "models", "marts", "a.sql"), "select 1\n");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test("the workspace's own project is found, and another where it is named", () => {
  expect(findProject(undefined)).toMatch(/dbt$/);
  expect(findProject(folder)).toBe(folder);
  expect(() => findProject(join(folder, "models"))).toThrow(
    expect.objectContaining({ code: "DBT_PROJECT_MISSING", exitCode: 2 }),
  );
});

test("a project's hash changes with what it builds, and with nothing else", async () => {
  const hash = await hashProject(folder);
  for (const made of ["target", "logs", "dbt_packages"]) {
    await mkdir(join(folder, made));
    await writeFile(join(folder, made, "compiled.sql"), "select 1\n");
  }
  await writeFile(join(folder, ".user.yml"), "id: 1\n");
  for (const prose of ["README.md", "requirements.lock", join("models", "marts", "docs.md")])
    await writeFile(join(folder, prose), "words\n");
  expect(await hashProject(folder)).toBe(hash);

  await writeFile(join(folder, "models", "marts", "a.sql"), "select 2\n");
  const changed = await hashProject(folder);
  expect(changed).not.toBe(hash);
  await writeFile(join(folder, "models", "marts", "a.sql"), "select 1\n");
  expect(await hashProject(folder)).toBe(hash);
  // The same lines in another file make another model.
  await writeFile(join(folder, "models", "marts", "b.sql"), "select 1\n");
  await rm(join(folder, "models", "marts", "a.sql"));
  expect(await hashProject(folder)).not.toBe(hash);
});

test("dbt is found on the PATH and by its path, if it can be run", async () => {
  const program = join(folder, "dbt");
  await writeFile(program, "#!/bin/sh\n", { mode: 0o644 });
  expect(() => findDbt(undefined, "duckdb", folder)).toThrow(
    expect.objectContaining({ code: "DBT_MISSING" }),
  );
  expect(() => findDbt(program, "duckdb")).toThrow(
    expect.objectContaining({ code: "DBT_MISSING", exitCode: 2 }),
  );
  await rm(program);
  await writeFile(program, "#!/bin/sh\n", { mode: 0o755 });
  expect(findDbt(undefined, "duckdb", ["/nowhere", folder].join(":"))).toBe(program);
  expect(findDbt(program, "duckdb")).toBe(program);
});
