import type { CollectionManifest } from "@spacex-etl/contracts";
import type { ObjectStore } from "@spacex-etl/lake-writers";
import { embeddedSnapshot } from "@spacex-etl/spacex-simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSite, type Site } from "../harness/site.ts";
import { type Bucket, openBucket, showLogOfFailures, STRICT_SERVERS } from "./harness/bucket.ts";
import { DAMAGES, REUSING } from "./harness/damages.ts";
import { bytesOf, keysOf } from "./harness/lake.ts";

describe.each(STRICT_SERVERS)("verify on %s", (kind) => {
  let bucket: Bucket;
  let site: Site;
  let whole: ObjectStore;

  beforeAll(async () => {
    bucket = await openBucket(kind);
    site = await openSite({ env: { LAKE_URL: bucket.directUrl("whole") } });
    whole = await bucket.openDirectly("whole");
    for (const runId of ["r1", "r2"]) {
      const { code, output } = await site.step(`run --run-id ${runId}`);
      expect(code, output).toBe(0);
      site.simulator.replace("crew", await oneCrewMemberRenamed());
    }
  });
  afterAll(async () => {
    await whole?.[Symbol.asyncDispose]?.();
    await site?.[Symbol.asyncDispose]();
    await bucket?.[Symbol.asyncDispose]();
  });
  showLogOfFailures(() => bucket);

  test("a lake whose second run refers to parts of the first is whole", async () => {
    const manifest = JSON.parse((await bytesOf(whole, REUSING)).toString()) as CollectionManifest;
    expect(manifest.parts.map(({ runId }) => runId)).toEqual(["r1"]);
    const { code, document, output } = await site.report("verify");
    expect(code, output).toBe(0);
    expect(document).toMatchObject({ runs: 2, findings: [] });
  });

  test.each(DAMAGES)("$what is found", async ({ what, names, code, damage }) => {
    const prefix = what.replaceAll(/[^a-z]+/g, "-");
    const store = await bucket.openDirectly(prefix);
    for (const key of await keysOf(whole)) await store.createIfAbsent(key, await bytesOf(whole, key));
    await damage(store);
    const env = { LAKE_URL: bucket.directUrl(prefix) };
    const { code: exitCode, document, output } = await site.report("verify", { env });
    expect(exitCode, output).toBe(10);
    const findings = document["findings"] as readonly { readonly path: string; readonly code: string }[];
    const found = findings.filter((finding) => names.test(finding.path)).map((finding) => finding.code);
    expect(found, output).toContain(code);

    const people = await site.plain("verify", { env });
    expect(people.code).toBe(10);
    const lines = people.stdout.split("\n").filter((line) => line.includes(code));
    expect(
      lines.map((line) => line.trim().split(/\s+/)[0]).filter((name) => names.test(name ?? "")),
    ).not.toEqual([]);
    await store[Symbol.asyncDispose]?.();
  });
});

async function oneCrewMemberRenamed(): Promise<readonly unknown[]> {
  const crew = (await embeddedSnapshot()).collections.get("crew");
  return Array.from({ length: crew?.length ?? 0 }, (_, index) => {
    const record = JSON.parse(Buffer.from(crew?.record(index) ?? []).toString()) as Record<string, unknown>;
    return index === 3 ? { ...record, name: "Renamed" } : record;
  });
}
