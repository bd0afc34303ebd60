import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EtlError } from "@spacex-etl/contracts";
import { type LoadRequest, loadRun } from "@spacex-etl/warehouse-loaders";
import { type LoaderTarget, requestOf, TestLake } from "@spacex-etl/warehouse-loaders/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random } from "../../harness/random.ts";
import { HARD_NAMES, HARD_PREFIX, hostileText, IMPOSSIBLE_IN_BIGQUERY, MARKER } from "./hostile.ts";
import { expectRecords, namedRecord, type Odd, oddCollection, PLAIN, renamed } from "./odd-collection.ts";
import { type Dialect, lintSql } from "./sql-lint.ts";

const SEED = Number(process.env["WAREHOUSE_HOSTILE_SEED"] ?? 20261122);
const ROUNDS = Number(process.env["WAREHOUSE_HOSTILE_ROUNDS"] ?? 4);
const RECORDS = 24;

export interface HostileWorld<Target extends LoaderTarget = LoaderTarget> extends AsyncDisposable {
  /** An empty warehouse of its own. */
  open(): Promise<Target>;
  /** Names of all tables that the loader could reach: none may appear or go but those of the collection `odd`. */
  tables(target: Target): Promise<readonly string[]>;
  /** Whether a name of `tables` is one of the collection `odd`. */
  ownTable(target: Target, name: string): boolean;
  /** All statements since the world was opened, as the server got them; of a load job its configuration as JSON. */
  statements(): readonly string[];
  readonly secrets: readonly string[];
}

/** Whatever stands in names, values, keys and bookkeeping: it comes back unchanged, and nothing else changes. */
export function testHostile<Target extends LoaderTarget>(
  engine: Dialect,
  openWorld: () => Promise<HostileWorld<Target>>,
): void {
  describe(`hostile names and values on ${engine}`, () => {
    let folder: string;
    let world: HostileWorld<Target>;
    const planned: string[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "warehouse-hostile-"));
      world = await openWorld();
    });
    afterAll(async () => {
      await world?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    async function load(target: LoaderTarget, request: LoadRequest): Promise<void> {
      await using loader = target.loader();
      planned.push(...(await loader.preflight(request)).statements.map(({ sql }) => sql));
      expect((await loadRun(loader, request)).outcome).toBe("loaded");
    }

    /** A lake for the target, and a table beside the raw ones that no load may touch. */
    async function withBystander(
      source: string,
      run: (target: LoaderTarget, lake: TestLake) => Promise<void>,
    ): Promise<void> {
      await using target = await world.open();
      const { publish, types } = target;
      await using lake = await TestLake.open(
        await mkdtemp(join(folder, "lake-")),
        publish === undefined ? undefined : (path, name) => publish(path, `${HARD_PREFIX}/${name}`),
      );
      await load(target, requestOf("before", [await lake.collection(PLAIN, [{ id: "a" }])], { source }));
      const bystander = target.name("bystander");
      await target.execute(`CREATE TABLE ${bystander} (id ${types.int64}, name ${types.string})`);
      await target.execute(`INSERT INTO ${bystander} (id, name) VALUES (1, 'untouched')`);
      const before = await world.tables(target);
      await run(target, lake);
      expect(await target.read("bystander")).toEqual([{ id: "1", name: "untouched" }]);
      const others = (names: readonly string[]) => names.filter((name) => !world.ownTable(target, name));
      expect(others(await world.tables(target))).toEqual(others(before));
    }

    test(`${ROUNDS} schemas and runs of them come back unchanged (seed ${SEED})`, async () => {
      const next = random(SEED);
      for (let round = 0; round < ROUNDS; round += 1) {
        const where = `round ${round} (WAREHOUSE_HOSTILE_SEED=${SEED})`;
        const text = () => hostileText(next);
        const source = text();
        await withBystander(source, async (target, lake) => {
          const { spec, field } = oddCollection(text);
          const record = (id: string): Odd => ({
            id,
            [field]: text(),
            plain: text(),
            list: [text(), text()],
          });
          const records = Array.from({ length: RECORDS }, (_, index) => record(`${index} ${text()}`));
          const request = requestOf(`odd-${round}`, [
            { ...(await lake.collection(spec, records, { extractedAt: DAY(1) })), name: text() },
          ]);
          const first = { ...request, source, manifestSha256: text() };
          await load(target, first);
          await expectRecords(target, records, field, where);

          const [quarantined, removed, changed, ...same] = records as readonly Odd[] as readonly [
            Odd,
            Odd,
            Odd,
            ...Odd[],
          ];
          const rewritten = { ...record(changed.id), list: [text()] };
          const added = record(text());
          const collection = await lake.collection(spec, [rewritten, ...same, added], {
            extractedAt: DAY(2),
            quarantinedKeys: [quarantined.id, text()],
          });
          const { name } = first.collections[0]!;
          const second = { ...requestOf(`odd-${round}-2`, [{ ...collection, name }]), source };
          await load(target, second);
          await expectRecords(target, [rewritten, ...same, added, quarantined], field, where);
          const gone = (await target.read("odd")).filter((row) => row["_deleted_at"] !== null);
          expect(
            gone.map((row) => row["id"]),
            where,
          ).toEqual([removed.id]);

          const ledger = await target.read("_loads");
          expect(new Set(ledger.map((row) => row["source"])), where).toEqual(new Set([source]));
          expect(
            ledger.map((row) => row["manifest_sha256"]),
            where,
          ).toContain(first.manifestSha256);
          const registry = (await target.read("_tables")).filter((row) => row["table_name"] !== "plain");
          expect(new Set(registry.map((row) => row["collection"])), where).toEqual(new Set([name]));

          const entry = { projectSha256: text(), runId: second.runId, changedAt: null, finishedAt: DAY(3) };
          await using loader = target.loader();
          await loader.recordTransform(entry);
          expect((await loader.transformState()).last?.projectSha256, where).toBe(entry.projectSha256);
        });
      }
    });

    test("columns whose names need quotes", () =>
      withBystander("shop", async (target, lake) => {
        const spec = renamed(HARD_NAMES);
        const records = (mark: string) => [
          namedRecord("a", HARD_NAMES, mark),
          namedRecord("b", HARD_NAMES, "b"),
        ];
        await load(
          target,
          requestOf("names", [await lake.collection(spec, records("a"), { extractedAt: DAY(1) })]),
        );
        await load(
          target,
          requestOf("names-2", [await lake.collection(spec, records("z"), { extractedAt: DAY(2) })]),
        );
        const found = (await target.read("odd")).toSorted((a, b) =>
          String(a["id"]) < String(b["id"]) ? -1 : 1,
        );
        for (const name of HARD_NAMES) {
          expect(
            found.map((row) => row[name]),
            name,
          ).toEqual([`z of ${name}`, `b of ${name}`]);
        }
      }));

    test.each(IMPOSSIBLE_IN_BIGQUERY)(
      "a column named %j survives or is refused before anything is done",
      (name) =>
        withBystander("shop", async (target, lake) => {
          const collection = await lake.collection(renamed([name]), [namedRecord("a", [name], "a")]);
          const request = requestOf("names", [{ ...collection, extractedAt: DAY(1) }]);
          if (engine !== "bigquery") {
            await load(target, request);
            expect((await target.read("odd")).map((row) => row[name])).toEqual([`a of ${name}`]);
            return;
          }
          const statements = world.statements().length;
          const error: unknown = await load(target, request).catch((thrown: unknown) => thrown);
          if (!EtlError.isInstance(error)) expect.fail(`expected a refusal, got ${String(error)}`);
          expect(error.message).toContain(JSON.stringify(name));
          expect([2, 6]).toContain(error.exitCode);
          expect(await target.read("odd")).toEqual([]);
          expect(
            world
              .statements()
              .slice(statements)
              .filter((sql) => sql.includes(MARKER)),
          ).toEqual([]);
        }),
    );

    test("no statement holds what is forbidden, nor data that is not quoted", () => {
      const executed = world.statements();
      expect(planned.length).toBeGreaterThan(100);
      expect(executed.some((sql) => sql.includes(MARKER))).toBe(engine !== "duckdb");
      const { secrets } = world;
      const found = [...new Set([...executed, ...planned])].flatMap((sql) =>
        lintSql(sql, { dialect: engine, marker: MARKER, secrets }).map((finding) => `${finding}: ${sql}`),
      );
      expect(found).toEqual([]);
    });
  });
}

const DAY = (step: number): string => new Date(Date.UTC(2026, 0, 1 + step)).toISOString();
