import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { collectionNames } from "@spacex-etl/spacex-client/tables";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseConfig } from "../config/index.ts";
import { openSession } from "../session/session.ts";
import { schemaRequest } from "../steps/schema-request.ts";
import { missingCollections } from "./raw-tables.ts";

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "spacex-etl-raw-"));
});

afterEach(() => rm(cwd, { recursive: true, force: true }));

test("tables that a load would refuse are there, whatever the others are", async () => {
  const config = parseConfig({ command: "transform", env: {}, cwd });
  await using session = await openSession(config, {});
  await mkdir(dirname(config.warehouse.url), { recursive: true });
  const { connection } = await session.engine();
  await connection.run(`ATTACH '${config.warehouse.url}' AS made`);
  await connection.run("CREATE SCHEMA made.raw");
  await connection.run("CREATE TABLE made.raw.crew (id BOOLEAN)");
  await connection.run("DETACH made");
  const loader = await session.loader();
  const request = schemaRequest({ source: "embedded", allowSourceChange: true }, ["crew"]);
  await expect(loader.preflight(request)).rejects.toMatchObject({ kind: "schema" });
  expect(await missingCollections(loader, "embedded", undefined)).toEqual(
    collectionNames.filter((name) => name !== "crew"),
  );
});
