import { tmpdir } from "node:os";
import { join } from "node:path";
import { EtlError, type Head, sha256Hex } from "@spacex-etl/contracts";
import type { ObjectStore } from "@spacex-etl/lake-writers";
import { expect, test } from "vitest";
import { parseConfig } from "../config/index.ts";
import { openSession } from "../session/session.ts";
import { reusableTables } from "./reusable-tables.ts";

const extractedAt = "2026-11-01T00:00:00.000Z";
const manifest = { path: "runs/r1/tables.json", bytes: 2, sha256: sha256Hex("{}") };
const head: Head = {
  version: 1,
  kind: "head",
  number: 1,
  previous: null,
  publishedAt: extractedAt,
  extracts: {},
  tables: { embedded: { crew: { runId: "r1", extractedAt, manifest } } },
};

async function reusableIn(get: ObjectStore["get"] | undefined) {
  const config = parseConfig({ command: "plan", env: {}, cwd: join(tmpdir(), "no-such-lake") });
  await using session = await openSession(config, {});
  const { store } = session;
  return reusableTables({ ...session, store: { ...store, get: get ?? store.get } }, head, ["crew"]);
}

test("a manifest that is gone is none, as it is for a run", async () => {
  expect([...(await reusableIn(undefined))]).toEqual([]);
});

test("a lake that cannot be read is an error, as it is for a run", async () => {
  const forbidden = new EtlError({ kind: "auth", code: "LAKE_PERMISSION", message: "Not allowed." });
  const refusing = async function* (): AsyncGenerator<never> {
    yield await Promise.reject<never>(forbidden);
  };
  await expect(reusableIn(refusing)).rejects.toBe(forbidden);
});
