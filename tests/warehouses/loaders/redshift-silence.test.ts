import { setTimeout as sleep } from "node:timers/promises";
import { loadRun } from "@spacex-etl/warehouse-loaders";
import {
  type RedshiftClient,
  type RedshiftLoaderOptions,
  redshiftLoader,
} from "@spacex-etl/warehouse-loaders/redshift";
import { Client } from "pg";
import { expect, test } from "vitest";
import { smallRuns } from "../harness/small-runs.ts";
import { refusedWith, sharedScene } from "./redshift-scene.ts";
import { ROLE } from "./redshift-target.ts";

/** Under which every wait of these tests must end; the loader's own are some seconds, and a statement's time is an hour. */
const SOON = { timeout: 20_000 };

const scene = sharedScene();
let made: ReturnType<typeof smallRuns> | undefined;
const runs = () => (made ??= smallRuns(scene.lake));

async function check(change: Partial<RedshiftLoaderOptions>): Promise<void> {
  await using loader = redshiftLoader({ ...scene.target.options, ...change } as RedshiftLoaderOptions);
  await loader.check();
}

/** The options of a loader that works with a client. */
function withClient(client: RedshiftClient | (() => Promise<RedshiftClient>)): RedshiftLoaderOptions {
  const { schema, manifests } = scene.target;
  return { client, schema, manifests, iamRole: ROLE, connectTimeoutMs: 300, statementTimeoutMs: 300 };
}
const connected = async (): Promise<Client> => {
  const client = new Client(scene.targets.redshift.connection);
  client.on("error", () => undefined);
  await client.connect();
  return client;
};

test("nobody answers the first statement, gives credentials or a client", SOON, async () => {
  const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
  scene.targets.redshift.inject({ match: /^SET statement_timeout/, when: "before", effect: "silence" });
  await refusedWith(check({ connectTimeoutMs: 300 }), "WAREHOUSE_UNREACHABLE", 8);
  await refusedWith(check({ connectTimeoutMs: 300, password: never }), "WAREHOUSE_UNREACHABLE", 8);
  await using loader = redshiftLoader(withClient(never));
  await refusedWith(loader.check(), "WAREHOUSE_UNREACHABLE", 8);
  await check({});
});

test("a statement on a client of the caller's that nobody answers ends, also by a signal", SOON, async () => {
  const client = await connected();
  const before = (await client.query("SHOW statement_timeout")).rows;
  {
    await using loader = redshiftLoader(withClient(client));
    await loader.check();
    expect((await client.query("SHOW statement_timeout")).rows).not.toEqual(before);
  }
  expect((await client.query("SHOW statement_timeout")).rows).toEqual(before);

  scene.targets.redshift.inject({ match: /pg_attribute/, when: "before", effect: "silence" });
  await using silent = redshiftLoader({ ...withClient(client), statementTimeoutMs: 30_000 });
  const controller = new AbortController();
  const stopped = refusedWith(silent.check({ signal: controller.signal }), "LOAD_ABORTED", 130);
  await reached(/pg_attribute/);
  controller.abort();
  await stopped;
  await silent.close();
  await client.end();
});

test("a client from a function that does not say goodbye is not waited for", SOON, async () => {
  const opened: Client[] = [];
  const client = async (): Promise<RedshiftClient> => {
    const made = await connected();
    opened.push(made);
    return {
      query: (sql, values) => made.query(sql, values),
      end: () => new Promise(() => undefined),
    };
  };
  await using loader = redshiftLoader(withClient(client));
  await loader.check();
  await loader.close();
  for (const each of opened) await each.end();
});

test("a load that is stopped on a silent network ends before its process is killed", SOON, async () => {
  const { first } = await runs();
  const controller = new AbortController();
  scene.targets.redshift.inject({ match: /^ROLLBACK/, when: "before", effect: "silence" });
  const load = scene.load(first, {
    signal: controller.signal,
    checkpoint: (name) => {
      if (name === "load.before-commit") controller.abort();
    },
  });
  await refusedWith(load, "LOAD_ABORTED", 130);
  expect(await scene.target.read("_loads")).toEqual([]);
  await using loader = redshiftLoader(scene.target.options);
  expect((await loadRun(loader, first)).outcome).toBe("loaded");
});

async function reached(match: RegExp): Promise<void> {
  const there = () =>
    scene.targets.redshift.statements().some(({ sql, outcome }) => match.test(sql) && outcome === "reset");
  for (let turn = 0; turn < 500 && !there(); turn += 1) await sleep(20);
}
