import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeArtifactsFolder } from "./artifacts-folder.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spacex-etl-dbt-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test("the folders are made once and found again", async () => {
  const place = join(folder, "state", "dbt", "w");
  const made = await makeArtifactsFolder(place);
  expect(await makeArtifactsFolder(place)).toEqual(made);
  for (const path of [made.target, made.logs]) expect((await stat(path)).isDirectory()).toBe(true);
});

test("where they cannot be made, the folder is named and the ways out", async () => {
  await writeFile(join(folder, "state"), "");
  const place = join(folder, "state", "dbt", "w");
  await expect(makeArtifactsFolder(place)).rejects.toMatchObject({
    code: "DBT_ARTIFACTS",
    exitCode: 2,
    message: expect.stringContaining(place),
    hint: expect.stringMatching(/start the command in a folder.*--no-transform/),
  });
});
