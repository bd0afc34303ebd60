import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contentOf } from "../harness/database.ts";
import { expectNothingCommitted, onlyKey } from "../harness/run-files.ts";
import { expectFailure, openSite, type Site } from "../harness/site.ts";

/** A site with a first run up to a step. */
async function siteAfter(steps: readonly string[]): Promise<Site> {
  const site = await openSite({ collections: "crew" });
  for (const step of steps) {
    const { code, output } = await site.step(`${step} --run-id r1`);
    expect(code, output).toBe(0);
  }
  return site;
}

/** Turns one bit in the middle: the size stays. */
function flip(site: Site, key: string): void {
  const file = join(site.lake, key);
  const bytes = readFileSync(file);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  rmSync(file);
  writeFileSync(file, bytes);
}

function remove(site: Site, key: string): void {
  rmSync(join(site.lake, key));
}

function edit(site: Site, key: string, from: string | RegExp, to: string): void {
  const file = join(site.lake, key);
  const text = readFileSync(file, "utf8");
  const edited = text.replace(from, to);
  expect(edited).not.toBe(text);
  rmSync(file);
  writeFileSync(file, edited);
}

const RAW = /^raw\/simulated\/crew\/run=r1\/.*\.zst$/;
const PARQUET = /^tables\/crew\/run=r1\/.*\.parquet$/;
const EXTRACTED = ["extract"];
const NORMALIZED = ["extract", "normalize"];

interface Damage {
  readonly what: string;
  readonly after: readonly string[];
  readonly damage: (site: Site) => void;
  /** The step that must find it. */
  readonly step: string;
  readonly exitCode: number;
  readonly code: string;
  readonly says: RegExp;
  /** Whether `verify` is to find it too; a newer version stops it as it stops the others. */
  readonly verifies?: number;
}

const NEWER = [/"version": 1/, '"version": 2'] as const;

const DAMAGES: readonly Damage[] = [
  {
    what: "a raw part with one bit turned",
    after: EXTRACTED,
    step: "normalize",
    damage: (site) => flip(site, onlyKey(site, RAW)),
    exitCode: 10,
    code: "PART_CHECKSUM",
    says: /raw\/simulated\/crew.*is not what its manifest says.*new run id/s,
  },
  {
    what: "a raw part that was deleted",
    after: EXTRACTED,
    step: "normalize",
    damage: (site) => remove(site, onlyKey(site, RAW)),
    exitCode: 10,
    code: "OBJECT_NOT_FOUND",
    says: /raw\/simulated\/crew.*is missing.*verify/s,
  },
  {
    what: "a table part with one bit turned",
    after: NORMALIZED,
    step: "load",
    damage: (site) => flip(site, onlyKey(site, PARQUET)),
    exitCode: 10,
    code: "PART_CHECKSUM",
    says: /tables\/crew\/run=r1/,
  },
  {
    what: "a table part that was deleted",
    after: NORMALIZED,
    step: "load",
    damage: (site) => remove(site, onlyKey(site, PARQUET)),
    exitCode: 10,
    code: "PART_MISSING",
    says: /tables\/crew\/run=r1/,
  },
  {
    what: "a collection manifest that was edited",
    after: EXTRACTED,
    step: "normalize",
    damage: (site) => edit(site, "runs/r1/extract/crew.json", /"invalid": 0/, '"invalid": 1'),
    exitCode: 10,
    code: "DOCUMENT_CHECKSUM",
    says: /runs\/r1\/extract\/crew\.json/,
  },
  {
    what: "a manifest that is cut off",
    after: NORMALIZED,
    step: "load",
    damage: (site) => edit(site, "runs/r1/tables.json", /[^]{40}$/, ""),
    exitCode: 10,
    code: "MANIFEST_DAMAGED",
    says: /runs\/r1\/tables\.json .* is not a valid document/,
  },
  {
    what: "an extract manifest of a newer version",
    after: EXTRACTED,
    step: "normalize",
    damage: (site) => edit(site, "runs/r1/extract.json", ...NEWER),
    exitCode: 6,
    code: "MANIFEST_NEWER",
    says: /extract\.json [^\n]* has version 2.*upgrade this one/s,
    verifies: 6,
  },
  {
    what: "a tables manifest of a newer version",
    after: NORMALIZED,
    step: "load",
    damage: (site) => edit(site, "runs/r1/tables.json", ...NEWER),
    exitCode: 6,
    code: "MANIFEST_NEWER",
    says: /tables\.json [^\n]* has version 2/,
    verifies: 6,
  },
  {
    what: "a head of a newer version",
    after: EXTRACTED,
    step: "run",
    damage: (site) => edit(site, "heads/0000000001.json", ...NEWER),
    exitCode: 6,
    code: "MANIFEST_NEWER",
    says: /heads\/0000000001\.json [^\n]* has version 2/,
    verifies: 6,
  },
];

test.each(DAMAGES)(
  "$what stops $step with exit code $exitCode",
  async ({ after, damage, step, verifies = 10, ...failure }) => {
    await using site = await siteAfter(after);
    damage(site);
    const requests = site.simulator.requests.length;
    expectFailure(await site.step(`${step} --run-id r1`), failure);
    expect(site.simulator.requests.length).toBe(requests);
    expect(await contentOf(site.warehouse).catch(() => ({})), "no table, or no database at all").toEqual({});
    expect((await site.report("verify")).code).toBe(verifies);
  },
);

test("after a damaged part is deleted a new run reads it again, and gc leaves a clean lake", async () => {
  await using site = await siteAfter(["run"]);
  flip(site, onlyKey(site, RAW));
  const found = await site.report("verify");
  expect(found.document["findings"]).toMatchObject([{ code: "PART_CHECKSUM", path: onlyKey(site, RAW) }]);
  remove(site, onlyKey(site, RAW));
  const again = await site.step("run --run-id r2");
  expect(again.code, again.output).toBe(0);
  expect(again.summary.tables).toMatchObject([{ inserted: 0, updated: 0, deleted: 0 }]);
  expect((await site.report("gc --keep-runs 1 --grace-hours 0")).code).toBe(0);
  const clean = await site.report("verify");
  expect(clean.document, clean.output).toMatchObject({ runs: 1, findings: [], exitCode: 0 });
});

test("a run id stands for one request", async () => {
  await using site = await siteAfter(EXTRACTED);
  const requests = site.simulator.requests.length;
  for (const [flags, says] of [
    ["--collections crew,landpads", /its collections are crew; now they are crew, landpads/],
    ["--source another", /its source is simulated, not another/],
  ] as const) {
    const failed = await site.step(`run --run-id r1 ${flags}`);
    expectFailure(failed, { exitCode: 2, code: "RUN_ID_REUSED", says });
    expectFailure(failed, { exitCode: 2, code: "RUN_ID_REUSED", says: /Use a new --run-id/ });
  }
  expect(site.simulator.requests.length).toBe(requests);
  const tuned = await site.step(
    "run --run-id r1 --memory-limit 400MB --warehouse ./other.duckdb --compression gzip",
  );
  expect(tuned.code, `another warehouse and tuning are fine: ${tuned.output}`).toBe(0);
});

test("a manifest that was replaced after its load is an integrity error, not a second load", async () => {
  await using site = await siteAfter(["run"]);
  const before = await contentOf(site.warehouse);
  edit(site, "runs/r1/tables.json", /\n$/, "\n\n");
  expectFailure(await site.step("load --run-id r1"), {
    exitCode: 10,
    code: "LEDGER_MISMATCH",
    says: /r1 was loaded at/,
  });
  expect(await contentOf(site.warehouse)).toEqual(before);
});

test("an interrupted lake without a committed run is taken as new", async () => {
  await using site = await siteAfter(EXTRACTED);
  remove(site, "heads/0000000001.json");
  remove(site, "runs/r1/extract.json");
  expectNothingCommitted(site);
  const requests = site.simulator.requests.length;
  const { code, summary, output } = await site.step("run --run-id r1");
  expect(code, output).toBe(0);
  expect(summary.collections).toMatchObject([{ name: "crew", requests: 0 }]);
  expect(site.simulator.requests.length).toBe(requests);
});
