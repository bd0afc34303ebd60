import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findDbt } from "./executable.ts";
import { findProject } from "./project.ts";
import { REQUIREMENTS } from "./requirements.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spacex-etl-dbt-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A Python environment as installers leave it, with a Python that is a link and a dbt that nobody may start. */
async function environment(packages: readonly string[], name = "env"): Promise<string> {
  const root = join(folder, name);
  const site = join(root, "lib", "python3.12", "site-packages");
  await mkdir(join(root, "bin"), { recursive: true });
  for (const entry of packages) await mkdir(join(site, `${entry}.dist-info`), { recursive: true });
  await symlink(process.execPath, join(root, "bin", "python"));
  const dbt = join(root, "bin", "dbt");
  await writeFile(dbt, `#!${join(root, "bin", "python")}\nimport sys\n`, { mode: 0o755 });
  return dbt;
}

const GOOD = ["dbt_core-1.11.16", "dbt_duckdb-1.11.1", "duckdb-1.5.6", "agate-1.9.1"];

test("an environment with all that is needed will do, directly, on the PATH and through a link", async () => {
  const dbt = await environment(GOOD);
  expect(findDbt(dbt, "duckdb")).toBe(dbt);
  expect(findDbt(undefined, "duckdb", ["/nowhere", join(folder, "env", "bin")].join(delimiter))).toBe(dbt);
  await mkdir(join(folder, "links"));
  await symlink(dbt, join(folder, "links", "dbt"));
  expect(findDbt(undefined, "duckdb", join(folder, "links"))).toBe(join(folder, "links", "dbt"));
});

test("what is missing or of another version is told before anything is started, with what to do", async () => {
  const cases = [
    [["dbt_core-1.11.16", "duckdb-1.5.6"], "DBT_ADAPTER_MISSING", /has no dbt-duckdb/],
    [["dbt_core-1.11.16", "dbt_duckdb-1.11.1"], "DBT_ADAPTER_MISSING", /has no duckdb/],
    [["dbt_core-1.8.2", "dbt_duckdb-1.8.1", "duckdb-1.5.6"], "DBT_VERSION", /dbt-core 1\.8\.2/],
    [["dbt_core-2.0.0", "dbt_duckdb-1.11.1", "duckdb-1.5.6"], "DBT_VERSION", /dbt-core 2\.0\.0/],
    [["dbt_core-1.11.16", "dbt_duckdb-1.11.1", "duckdb-2.0.0"], "DBT_VERSION", /duckdb 2\.0\.0/],
    [["dbt_core-1.11.16", "dbt.duckdb-1.11.1", "duckdb-1.4.9"], "DBT_VERSION", /duckdb 1\.4\.9/],
  ] as const;
  for (const [index, [packages, code, message]] of cases.entries()) {
    const dbt = await environment(packages, `env-${index}`);
    expect(() => findDbt(dbt, "duckdb")).toThrow(
      expect.objectContaining({
        code,
        exitCode: 2,
        message: expect.stringMatching(message),
        hint: expect.stringMatching(
          /-m venv .*pip.* install -r .*requirements\.lock.*--dbt .*--no-transform/,
        ),
      }),
    );
  }
});

test.each([
  ["bigquery", "dbt-bigquery", ["dbt_core-1.11.16", "dbt_bigquery-1.12.1"]],
  ["redshift", "dbt-redshift", ["dbt_core-1.11.16", "dbt_redshift-1.11.1", "dbt_postgres-1.10.0"]],
] as const)("for %s it must have %s, and no DuckDB", async (engine, adapter, packages) => {
  const dbt = await environment(packages);
  expect(findDbt(dbt, engine)).toBe(dbt);
  const duckdb = await environment(GOOD, "duckdb-env");
  expect(() => findDbt(duckdb, engine)).toThrow(
    expect.objectContaining({
      code: "DBT_ADAPTER_MISSING",
      message: expect.stringContaining(`has no ${adapter}`),
      hint: expect.stringMatching(
        new RegExp(
          `pip.* install (-r .*requirements-${engine}\\.lock|"dbt-core~=.*" "${adapter}).*--no-transform`,
        ),
      ),
    }),
  );
  const old = await environment([...packages, `${adapter.replace("-", "_")}-1.9.0`], "old-env");
  expect(() => findDbt(old, engine)).toThrow(expect.objectContaining({ code: "DBT_VERSION" }));
});

test("of a dbt that is no Python environment nothing is known, and it is left to run", async () => {
  const wrapper = join(folder, "dbt");
  await writeFile(wrapper, '#!/bin/sh\nexec elsewhere/dbt "$@"\n', { mode: 0o755 });
  expect(findDbt(wrapper, "duckdb")).toBe(wrapper);
});

test("a dbt that is missing or whose Python is gone names the commands that install one", async () => {
  const hint = expect.stringMatching(/-m venv .*requirements\.lock/);
  expect(() => findDbt(undefined, "duckdb", folder)).toThrow(
    expect.objectContaining({ code: "DBT_MISSING", exitCode: 2, hint }),
  );
  const dbt = await environment(GOOD);
  await rm(join(folder, "env", "bin", "python"));
  expect(() => findDbt(dbt, "duckdb")).toThrow(
    expect.objectContaining({ code: "DBT_BROKEN", exitCode: 2, hint }),
  );
});

test("the project's own lock file meets the requirements", async () => {
  const lock = await readFile(join(findProject(undefined), "requirements.lock"), "utf8");
  const pins = [...lock.matchAll(/^([a-z0-9-]+)==(\S+)/gm)].map(([, name, version]) => `${name}-${version}`);
  const dbt = await environment(pins);
  expect(findDbt(dbt, "duckdb")).toBe(dbt);
  expect(REQUIREMENTS.duckdb.filter(({ name }) => !pins.some((pin) => pin.startsWith(`${name}-`)))).toEqual(
    [],
  );
});
