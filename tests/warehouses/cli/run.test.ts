import type { LoadStatement } from "@spacex-etl/warehouse-loaders";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { showLogOfFailures } from "../../lakes/harness/bucket.ts";
import { type CloudSite, ENGINES, NOTHING_SEEN, openCloudSite, type Seen } from "./harness/cloud-site.ts";

interface PlannedLoad {
  readonly decision: string;
  readonly numbers: {
    readonly jobs: number | null;
    readonly schemaStatements: number;
    readonly transactionStatements: number | null;
  };
  readonly statements: readonly LoadStatement[];
}

const CREW = {
  id: "000000000000000000000001",
  name: "One",
  status: "active",
  agency: null,
  image: null,
  wikipedia: null,
  launches: ["5eb87d46ffd86e000604b388"],
};

describe.each(ENGINES)("run into %s", (engine) => {
  let cloud: CloudSite;

  beforeAll(async () => {
    cloud = await openCloudSite(engine);
  });
  afterAll(() => cloud?.[Symbol.asyncDispose]());
  showLogOfFailures(() => cloud.bucket);

  async function step(words: string): Promise<Awaited<ReturnType<CloudSite["site"]["step"]>>> {
    cloud.forget();
    const result = await cloud.site.step(words);
    expect(result.code, result.output).toBe(0);
    return result;
  }

  /** Looks, and writes nothing. */
  async function planned(words: string): Promise<PlannedLoad> {
    cloud.forget();
    const { document, code, output } = await cloud.site.report(`plan ${words}`);
    expect(code, output).toBe(0);
    expect(cloud.seen(), "a plan writes nothing").toEqual(NOTHING_SEEN);
    return document["load"] as PlannedLoad;
  }

  /** Everything that was sent was printed, to the letter and in as many statements. */
  function expectAsPlanned({ numbers, statements }: PlannedLoad, seen: Seen): void {
    expect(seen.jobs).toHaveLength(numbers.jobs ?? 0);
    expect(seen.schema).toHaveLength(numbers.schemaStatements);
    const jobs = statements.filter(({ phase, purpose }) => phase === "stage" && purpose === "stage");
    const asText = (text: string): string => (engine === "bigquery" ? canonical(text) : text);
    expect(seen.jobs.map(asText).toSorted()).toEqual(jobs.map(({ sql }) => asText(sql)).toSorted());
    const inTransaction = statements.filter(({ phase }) => phase === "transaction");
    expect(inTransaction).toHaveLength(numbers.transactionStatements ?? -1);
    const [transaction = []] = seen.transactions;
    expect(seen.transactions).toHaveLength(1);
    const texts = inTransaction.map(({ sql }) => timeless(sql));
    // One that would touch no row is left out on Redshift.
    const left = transaction.map(timeless).filter((text) => !texts.includes(text));
    if (engine === "bigquery") expect(left).toEqual([texts.map((text) => `${text};`).join("\n")]);
    else expect(left).toEqual([]);
    const printed = statements.map(({ sql }) => timeless(sql));
    for (const text of seen.written.map(timeless)) {
      const left = printed.reduce((rest, sql) => rest.replace(sql, ""), text);
      expect(left.replaceAll(/[;\s]|\b(BEGIN|COMMIT)( TRANSACTION)?\b/gi, ""), "sent and not planned").toBe(
        "",
      );
    }
    const sent = seen.written.join("\n");
    const schema = statements.filter(({ phase }) => phase === "schema");
    expect(
      schema.filter(({ sql }) => !sent.includes(sql)),
      "planned and not sent",
    ).toEqual([]);
  }

  const liveCrew = async (): Promise<string[]> =>
    (await cloud.rows("crew", ["name", "_deleted_at"]))
      .filter(({ _deleted_at }) => _deleted_at === null)
      .map(({ name }) => name ?? "")
      .toSorted();

  test("a first run makes the tables that were planned, and loads every row", async () => {
    const before = await planned("--run-id r1");
    expect(before).toMatchObject({ decision: "unknown", numbers: { jobs: null } });
    await step("extract --run-id r1");
    expect(cloud.seen()).toEqual(NOTHING_SEEN);
    await step("normalize --run-id r1");
    expect(cloud.seen()).toEqual(NOTHING_SEEN);
    const plan = await planned("--run-id r1");
    expect(plan.numbers.schemaStatements).toBe(before.numbers.schemaStatements);
    const { summary } = await step("load --run-id r1");
    expect(summary).toMatchObject({ status: "ok", warehouse: expect.stringContaining("://") });
    const seen = cloud.seen();
    expectAsPlanned(plan, seen);
    expect(seen.jobs.length).toBeGreaterThan(2);
    const crew = summary.tables.find(({ name }) => name === "crew");
    expect(await liveCrew()).toHaveLength(crew?.inserted ?? -1);
    expect(await cloud.rows("_loads", ["run_id", "source"])).toEqual([{ run_id: "r1", source: "simulated" }]);
  });

  test("the same run again says so and sends nothing but questions", async () => {
    const { summary } = await step("run --run-id r1");
    expect(summary.status).toBe("unchanged");
    expect(cloud.seen()).toEqual(NOTHING_SEEN);
  });

  test("a run of unchanged records has no load job, no COPY and no schema statement", async () => {
    const { summary } = await step("run --run-id r2");
    expect(summary.status).toBe("unchanged");
    expect(cloud.seen()).toMatchObject({ jobs: [], schema: [] });
    expect((await cloud.rows("_loads", ["run_id"])).map(({ run_id }) => run_id).toSorted()).toEqual([
      "r1",
      "r2",
    ]);
  });

  test("of changed records only their tables are loaded, as planned", async () => {
    const before = await liveCrew();
    const records = JSON.parse(
      JSON.stringify((await (await fetch(`${cloud.site.simulator.url}/v4/crew`)).json()) as object[]),
    ) as { name: string }[];
    const [first, second, ...others] = records;
    cloud.site.simulator.replace("crew", [{ ...first, name: "Renamed" }, ...others, CREW]);
    await step("extract --run-id r3");
    await step("normalize --run-id r3");
    const plan = await planned("--run-id r3");
    const { summary } = await step("load --run-id r3");
    expectAsPlanned(plan, cloud.seen());
    expect(cloud.seen().jobs).toHaveLength(2);
    expect(cloud.seen().schema).toEqual([]);
    expect(summary.tables.find(({ name }) => name === "crew")).toMatchObject({
      inserted: 1,
      updated: 1,
      deleted: 1,
    });
    const expected = before.filter((name) => name !== first?.name && name !== second?.name);
    expect(await liveCrew()).toEqual([...expected, "Renamed", "One"].toSorted());
  });

  test("people see where it went and what could be looked at, without parameters", async () => {
    const { stdout, code } = await cloud.site.plain("run --run-id r4 --no-etag --collections crew");
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`database +${engine}://[^?\\s]*(\\?schema=raw)?$`, "m"));
    const { stdout: plan } = await cloud.site.plain("plan --run-id r5");
    expect(plan).toMatch(
      new RegExp(
        `^Load into .*: 0 schema statements, at most \\d+ ${
          engine === "bigquery" ? "load jobs" : "COPY statements"
        }; what is merged`,
        "m",
      ),
    );
  });
});

/** Without the time of the load, which is the clock's at its own plan. */
function timeless(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\.\d+/g, "TIME");
}

function canonical(json: string): string {
  return JSON.stringify(JSON.parse(json), (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
